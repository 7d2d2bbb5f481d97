/**
 * The bundle's own module: `render` puts a component into the shadow root that the page made for it (wire reference §1.9). The page
 * loads the script anew for each component, and twice where React is strict: one place for each root.
 */
export const entrySource = (key: string, file: string): string => `
import components from ${JSON.stringify(file)}
export function render(name, shadowRootId) {
  const all = Object(components)
  if (!Object.hasOwn(all, name)) throw new Error(${JSON.stringify(`ui.${key} has no component `)} + JSON.stringify(name) + "; it has: " + Object.keys(all).join(", "))
  const root = document.getElementById(shadowRootId)?.shadowRoot
  // Without one the page has taken it away while this was loading.
  if (!root) return
  const place = (root[Symbol.for("superstep.ui.place")] ??= root.appendChild(document.createElement("div")))
  globalThis[Symbol.for("LGUI_EXT_STORE")].respond(shadowRootId, all[name], place)
}
`

/** A bundle in CommonJS, as a script of a page: what it asks for by `require` is the page's. */
export const scriptOf = (global: string, bundle: string): string => `var ${global} = ((require, module) => {
${bundle}return module.exports
})(globalThis[Symbol.for("LGUI_REQUIRE")], {});
`

/** What every page provides that shows components, as the SDK's `react-ui` does. */
export const ALWAYS_PROVIDED = ['react', 'react-dom', 'react/jsx-runtime', '@langchain/langgraph-sdk/react', '@langchain/langgraph-sdk/react-ui']

/** One of these as an ES module: its default export is the page's, whether the page gives it as a module or as a plain object. */
export const providedModuleSource = (name: string): string => `
export * from ${JSON.stringify(name)}
const given = require(${JSON.stringify(name)})
export default "default" in Object(given) ? given.default : given
`

/** For code that was compiled for development, which pages do not provide. */
export const DEV_RUNTIME = 'react/jsx-dev-runtime'
export const DEV_RUNTIME_SOURCE = `
import { Fragment, jsx, jsxs } from "react/jsx-runtime"
export { Fragment }
export const jsxDEV = (type, props, key, isStatic) => (isStatic ? jsxs : jsx)(type, props, key)
`
