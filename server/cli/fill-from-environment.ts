import { isObject, ProjectError, type Raw } from './project-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables whose JSON is a key of langgraph.json (§3.16), as images set them. */
const STAND_INS = {
  LANGSERVE_GRAPHS: 'graphs', LANGGRAPH_UI: 'ui', LANGGRAPH_UI_CONFIG: 'ui_config', LANGGRAPH_STORE: 'store', LANGGRAPH_AUTH: 'auth',
  LANGGRAPH_HTTP: 'http', LANGGRAPH_WEBHOOKS: 'webhooks', LANGGRAPH_CHECKPOINTER: 'checkpointer',
} as const

export interface Filled {
  readonly raw: Raw
  /** Says of a mistake that it is in a variable, where it is. */
  explain(error: unknown): unknown
}

/** Where langgraph.json does not have a key, its variable stands in. What the file says always wins. Throws {@link ProjectError}. */
export function fillFromEnvironment(raw: Raw, env: Environment): Filled {
  const filled: Raw = { ...raw }
  /** Key → variable that it came from; the longest key that fits tells. */
  const sources = new Map<string, string>()
  for (const [name, key] of Object.entries(STAND_INS)) {
    if (!isAbsent(filled[key]) || !env[name]) continue
    filled[key] = readJson(name, env[name])
    sources.set(key, name)
  }
  if (env['MOUNT_PREFIX'] && !(isObject(filled['http']) && !isAbsent(filled['http']['mount_prefix']))) sources.set('http.mount_prefix', 'MOUNT_PREFIX')
  fillCors(filled, env, sources)
  return { raw: filled, explain: (error) => explained(error, sources) }
}

const isAbsent = (value: unknown) => value === undefined || value === null

function fillCors(filled: Raw, env: Environment, sources: Map<string, string>): void {
  const http = isAbsent(filled['http']) ? {} : filled['http']
  if (!isObject(http)) return
  let cors = http['cors']
  if (isAbsent(cors) && env['CORS_CONFIG']) {
    cors = readJson('CORS_CONFIG', env['CORS_CONFIG'])
    sources.set('http.cors', 'CORS_CONFIG')
  }
  const origins = env['CORS_ALLOW_ORIGINS']
  if (origins && (isAbsent(cors) || (isObject(cors) && isAbsent(cors['allow_origins'])))) {
    cors = { ...isObject(cors) ? cors : {}, allow_origins: origins.split(',').map((origin) => origin.trim()).filter(Boolean) }
    sources.set('http.cors.allow_origins', 'CORS_ALLOW_ORIGINS')
  }
  if (cors !== http['cors']) filled['http'] = { ...http, cors }
}

/** A variable's JSON object. Throws {@link ProjectError}. */
export function readJson(name: string, text: string): Raw {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ProjectError(name, null, `This is not valid JSON: ${(error as Error).message}.`, 'Correct the variable, or unset it.')
  }
  if (!isObject(value)) throw new ProjectError(name, null, 'This must be a JSON object.', 'Correct the variable, or unset it.')
  return value
}

function explained(error: unknown, sources: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof ProjectError) || error.key === null) return error
  const parts = error.key.split('.')
  for (let length = parts.length; length > 0; length--) {
    const source = sources.get(parts.slice(0, length).join('.'))
    if (source) return error.in(source)
  }
  return error
}
