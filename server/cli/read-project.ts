import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { MOST_TTL_MINUTES, TTL_STRATEGIES, type ThreadTtl } from '../contract/thread.ts'
import type { SecurityDocs } from '../http/openapi.ts'
import type { StoreConfig } from '../domain/store-config.ts'
import { isObject, ProjectError, type Raw } from './project-error.ts'
import { readHttp, type HttpConfig } from './read-http.ts'
import { readStore } from './read-store.ts'
import { readUi, type UiConfig } from './read-ui.ts'
import { readWebhooks, type WebhookConfig } from './read-webhooks.ts'

export interface ProjectConfig {
  readonly name: string
  /** Absolute; graph paths are relative to it. */
  readonly folder: string
  readonly configPath: string
  readonly graphs: Record<string, { path: string, description: string | null }>
  /** What the graphs see: the env file or map, and above it what the shell sets. */
  readonly env: Record<string, string>
  /** Changing one of these reloads the worker. */
  readonly watched: string[]
  /** How long threads stay that say nothing else. */
  readonly threadTtl: ThreadTtl | null
  /** How long items of the store stay, and how they are found by meaning. */
  readonly store: StoreConfig
  /** The code that says who may do what; null when everybody may. */
  readonly auth: { readonly path: string, readonly trustsStudio: boolean, readonly docs: SecurityDocs | null } | null
  /** Where webhooks may go, and what is sent with them. */
  readonly webhooks: WebhookConfig
  readonly http: HttpConfig
  /** The components that graphs show. */
  readonly ui: UiConfig
}

const definedIn = (shell: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(shell).filter((entry): entry is [string, string] => entry[1] !== undefined))

/** Reads and checks a langgraph.json without importing anything. Unknown keys are ignored. Throws {@link ProjectError}. */
export function readProject(path: string, shell: NodeJS.ProcessEnv): ProjectConfig {
  const configPath = resolve(path)
  if (statSync(configPath, { throwIfNoEntry: false })?.isDirectory()) return readProject(resolve(configPath, 'langgraph.json'), shell)
  const raw = parse(configPath)
  const folder = dirname(configPath)
  const envFile = readEnv(raw['env'], folder, configPath)
  const env = { ...envFile.values, ...definedIn(shell) }
  return {
    name: basename(folder), folder, configPath,
    graphs: readGraphs(raw['graphs'], configPath),
    env,
    watched: [configPath, ...envFile.files],
    threadTtl: readThreadTtl(raw['checkpointer'], configPath),
    store: readStore(raw['store'], folder, configPath),
    auth: readAuth(raw['auth'], configPath),
    webhooks: readWebhooks(raw['webhooks'], raw['http'], env, configPath),
    http: readHttp(raw['http'], env, configPath),
    ui: readUi(raw['ui'], raw['ui_config'], folder, configPath),
  }
}

function parse(configPath: string): Raw {
  if (!existsSync(configPath))
    throw new ProjectError(configPath, null, 'There is no such file.', 'Run this in a folder with a langgraph.json, or name one with --config. The smallest: {"graphs": {"agent": "./src/agent.ts:graph"}}')
  const text = readFileSync(configPath, 'utf8').replace(/^\uFEFF/, '')
  try {
    const raw: unknown = JSON.parse(text)
    if (isObject(raw)) return raw
  } catch (error) {
    throw new ProjectError(configPath, null, `This is not valid JSON: ${(error as Error).message}${lineOf(text, (error as Error).message)}.`, 'Mind trailing commas and comments: JSON has neither.')
  }
  throw new ProjectError(configPath, null, 'The file must hold one JSON object.', 'The smallest: {"graphs": {"agent": "./src/agent.ts:graph"}}')
}

function lineOf(text: string, message: string): string {
  if (/line \d+/.test(message)) return ''
  const position = /position (\d+)/.exec(message)?.[1]
  return position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`
}

function readGraphs(raw: unknown, configPath: string): ProjectConfig['graphs'] {
  if (!isObject(raw) || Object.keys(raw).length === 0)
    throw new ProjectError(configPath, 'graphs', 'No graphs are named.', 'Add at least one: "graphs": {"agent": "./src/agent.ts:graph"}')
  return Object.fromEntries(Object.entries(raw).map(([id, value]) => [id, readGraph(id, value, configPath)]))
}

function readGraph(id: string, value: unknown, configPath: string): { path: string, description: string | null } {
  const [path, description] = isObject(value) ? [value['path'], value['description']] : [value, null]
  if (/[\u0000-\u001f/\\]/.test(id) || id === '') throw new ProjectError(configPath, `graphs.${JSON.stringify(id)}`, 'A graph id may hold no slashes or control characters.', 'Rename it.')
  if (typeof path !== 'string' || path.trim() === '')
    throw new ProjectError(configPath, `graphs.${id}`, 'This must be "path:export", or an object with a path.', 'For example "./src/agent.ts:graph".')
  return { path, description: typeof description === 'string' ? description : null }
}

function readEnv(raw: unknown, folder: string, configPath: string): { values: Record<string, string>, files: string[] } {
  if (raw === undefined || raw === null) return { values: {}, files: [] }
  if (isObject(raw)) return { values: Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, String(value)])), files: [] }
  if (typeof raw !== 'string') throw new ProjectError(configPath, 'env', 'This must be the path of an env file, or a map of variables.', 'For example ".env".')
  const file = isAbsolute(raw) ? raw : resolve(folder, raw)
  if (!existsSync(file)) {
    const example = existsSync(`${file}.example`) ? ` (copy ${basename(file)}.example)` : ''
    throw new ProjectError(configPath, 'env', `The env file ${file} does not exist.`, `Create it${example}, or remove the "env" key.`)
  }
  return { values: { ...parseEnv(readFileSync(file, 'utf8')) } as Record<string, string>, files: [file] }
}

function readAuth(auth: unknown, configPath: string): ProjectConfig['auth'] {
  if (auth === undefined || auth === null) return null
  // Without its code nobody knows what was meant, and to let everybody in would be the worst guess.
  if (!isObject(auth) || typeof auth['path'] !== 'string' || auth['path'].trim() === '')
    throw new ProjectError(configPath, 'auth', 'This must be an object with the path of the auth code.', 'For example {"path": "./src/auth.ts:auth"}.')
  const isDisabled = auth['disable_studio_auth'] ?? false
  if (typeof isDisabled !== 'boolean') throw new ProjectError(configPath, 'auth.disable_studio_auth', 'This must be true or false.', 'With true the Studio is asked who it is like everybody else.')
  return { path: auth['path'], trustsStudio: !isDisabled, docs: readSecurityDocs(auth['openapi'], configPath) }
}

function readSecurityDocs(openapi: unknown, configPath: string): SecurityDocs | null {
  if (openapi === undefined || openapi === null) return null
  const { securitySchemes = {}, security = [] } = isObject(openapi) ? openapi : { securitySchemes: null }
  const isWhole = isObject(securitySchemes) && Object.values(securitySchemes).every(isObject) && Array.isArray(security) && security.every((item) => isObject(item) && Object.values(item).every((scopes) => Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string')))
  if (!isWhole)
    throw new ProjectError(configPath, 'auth.openapi', 'This must have securitySchemes and security, as in an OpenAPI document.', 'For example {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}, "security": [{"bearer": []}]}.')
  return { securitySchemes: securitySchemes as SecurityDocs['securitySchemes'], security: security as SecurityDocs['security'] }
}

/** The sweep's interval and limit are not read: a thread is over at its time (docs/wire.md). */
function readThreadTtl(checkpointer: unknown, configPath: string): ThreadTtl | null {
  const ttl = isObject(checkpointer) ? checkpointer['ttl'] : undefined
  if (ttl === undefined || ttl === null) return null
  if (!isObject(ttl)) throw new ProjectError(configPath, 'checkpointer.ttl', 'This must be an object.', 'For example {"strategy": "delete", "default_ttl": 43200} (minutes).')
  const strategy = TTL_STRATEGIES.find((name) => name === (ttl['strategy'] ?? 'delete'))
  if (!strategy) throw new ProjectError(configPath, 'checkpointer.ttl.strategy', `There is no strategy ${JSON.stringify(ttl['strategy'])}.`, `Use one of ${TTL_STRATEGIES.join(', ')}.`)
  const minutes = ttl['default_ttl']
  if (minutes === undefined || minutes === null) return null
  if (typeof minutes !== 'number' || !(minutes > 0) || minutes > MOST_TTL_MINUTES)
    throw new ProjectError(configPath, 'checkpointer.ttl.default_ttl', 'This must be a number of minutes above 0.', 'For example 43200 for thirty days; without it threads stay for ever.')
  return { strategy, ttl_minutes: minutes }
}
