import { resolve } from 'node:path'
import { isObject, ProjectError } from './project-error.ts'

export interface UiConfig {
  /** Absolute source files of components, by key. */
  readonly files: ReadonlyMap<string, string>
  /** Modules that pages provide, beside React's. */
  readonly shared: readonly string[]
}

/** `ui` and `ui_config` of langgraph.json (§3.14). Throws {@link ProjectError}. */
export function readUi(ui: unknown, config: unknown, folder: string, configPath: string): UiConfig {
  const fail = (key: string, problem: string, remedy: string) => new ProjectError(configPath, key, problem, remedy)
  if (ui !== undefined && ui !== null && !isObject(ui)) throw fail('ui', 'This must be an object of files by name.', 'For example {"agent": "./src/ui.tsx"}.')
  if (config !== undefined && config !== null && !isObject(config)) throw fail('ui_config', 'This must be an object.', 'For example {"shared": ["my-components"]}.')
  const shared = config?.['shared'] ?? []
  if (!Array.isArray(shared) || !shared.every(isModuleName)) throw fail('ui_config.shared', 'This must be a list of the names of modules.', 'For example ["my-components"].')
  return { files: new Map(Object.entries(ui ?? {}).map(([key, path]) => [key, resolve(folder, checkEntry(key, path, fail))])), shared }
}

/** Files of the project are no modules that a page could know by name. */
const isModuleName = (name: unknown): name is string => typeof name === 'string' && /^[^\s./\\][^\s\\]*$/.test(name)

function checkEntry(key: string, path: unknown, fail: (key: string, problem: string, remedy: string) => ProjectError): string {
  // It becomes a part of an address.
  if (!/^(?!\.{1,2}$)[^\u0000-\u001f/\\]{1,255}$/.test(key) || !key.isWellFormed()) throw fail(`ui.${JSON.stringify(key)}`, 'A name may hold no slashes or control characters, nor be dots alone.', 'Rename it, best after its graph.')
  if (typeof path !== 'string' || path.trim() === '') throw fail(`ui.${key}`, 'This must be the path of a file.', 'For example "./src/ui.tsx".')
  return path
}
