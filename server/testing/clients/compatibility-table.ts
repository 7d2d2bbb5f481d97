import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import endpoints from './endpoints.json' with { type: 'json' }
import { CLIENTS, type ClientName } from './proofs.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** `missing` says why an endpoint is not served, `deviation` how what is served differs from the official server. */
export interface Endpoint { readonly method: string, readonly path: string, readonly does: string, readonly missing?: string, readonly deviation?: string }
export const ENDPOINTS: readonly Endpoint[] = endpoints

const versionOf = (name: string) => (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
const pythonVersionOf = (name: string) => new RegExp(`^${name}==(.*)$`, 'm').exec(readFileSync(join(import.meta.dirname, 'python/requirements.txt'), 'utf8'))?.[1]

const TITLES: Readonly<Record<ClientName, () => string>> = {
  'js': () => `\`@langchain/langgraph-sdk\` ${versionOf('@langchain/langgraph-sdk')}`,
  'js-remote': () => `\`RemoteGraph\` of \`@langchain/langgraph\` ${versionOf('@langchain/langgraph')}`,
  'js-1.6': () => `\`@langchain/langgraph-sdk\` ${versionOf('langgraph-sdk-1.6')}`,
  'js-0.1': () => `\`@langchain/langgraph-sdk\` ${versionOf('langgraph-sdk-0.1')}`,
  'js-0.0': () => `\`@langchain/langgraph-sdk\` ${versionOf('langgraph-sdk-0.0')}`,
  'react': () => `\`useStream\` of \`@langchain/langgraph-sdk/react\` ${versionOf('@langchain/langgraph-sdk')}, in Chromium`,
  'react-0.3': () => `\`useStream\` of \`@langchain/react\` ${versionOf('langchain-react-0.3')}, in Chromium`,
  'react-1': () => `\`useStream\` of \`@langchain/react\` ${versionOf('@langchain/react')}, in Chromium, by server-sent events`,
  'react-1-ws': () => `the same, over a WebSocket`,
  'react-ui': () => `\`LoadExternalComponent\` of \`@langchain/langgraph-sdk/react-ui\` ${versionOf('@langchain/langgraph-sdk')}, in Chromium`,
  'python': () => `\`langgraph-sdk\` ${pythonVersionOf('langgraph-sdk')} for Python, asynchronous client`,
  'python-sync': () => `the same, synchronous client`,
  'mcp': () => `\`@modelcontextprotocol/sdk\` ${versionOf('@modelcontextprotocol/sdk')}`,
  'a2a': () => `\`@a2a-js/sdk\` ${versionOf('@a2a-js/sdk')}, both lines of the protocol`,
  'python-remote': () => `\`RemoteGraph\` of \`langgraph\` ${pythonVersionOf('langgraph')} for Python`,
}

const proofsOf = (client: ClientName): string[] => JSON.parse(readFileSync(join(import.meta.dirname, `proofs/${client}.json`), 'utf8')) as string[]

export const keyOf = ({ method, path }: Endpoint) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`

/** `docs/compatibility.md`, from the endpoints, the routes that the app has, and what the tests of the clients have proven. */
export function compatibilityTable(routes: ReadonlySet<string>): string {
  const proofs = CLIENTS.map((client) => ({ client, proven: new Set(proofsOf(client)) }))
  const row = (endpoint: Endpoint) => {
    const served = routes.has(keyOf(endpoint))
    const by = proofs.filter(({ proven }) => proven.has(keyOf(endpoint))).map(({ client }) => client)
    return `| \`${endpoint.method} ${endpoint.path}\` | ${endpoint.does} | ${served ? 'yes' : 'no'} | ${by.join(', ')} | ${(served ? endpoint.deviation : endpoint.missing) ?? ''} |`
  }
  const count = ENDPOINTS.filter((endpoint) => routes.has(keyOf(endpoint))).length
  return `# Compatibility

Written by \`npm run compatibility\`; not by hand. A client has proven an endpoint when a test that drives the real server with it has
passed, and the endpoint answered it with success. An endpoint without a client is tested too, but not by a client that others wrote.
${count} of ${ENDPOINTS.length} endpoints are served. Deviations are explained in [ADR 3](adr/0003-wire-compatibility-and-deviations.md).

| client | |
|---|---|
${CLIENTS.map((client) => `| ${client} | ${TITLES[client]()} |`).join('\n')}

| endpoint | | served | proven by | deviation, or why it is not served |
|---|---|---|---|---|
${ENDPOINTS.map(row).join('\n')}
`
}
