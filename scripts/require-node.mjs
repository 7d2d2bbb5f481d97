import nodeModule from 'node:module'

/** The project brings its own Node on Linux (the optional package `node`); elsewhere the system's must be new enough. */
export function requireNode() {
  if (Number(process.versions.napi) >= 10 && 'registerHooks' in nodeModule) return
  console.error(`Superstep needs Node 22.15 or newer; this is ${process.version}. Run it through npm (npm start, npm test): on Linux that uses the Node that npm ci installed.`)
  process.exit(1)
}
