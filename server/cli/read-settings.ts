import { isObject, ProjectError, type Raw } from './project-error.ts'
import { readJson } from './fill-from-environment.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What only environment variables say (§3.16), with their defaults. */
export interface Settings {
  readonly jobsPerWorker: number
  readonly runTimeoutMs: number
  /** How often a run is tried in all whose worker died. */
  readonly mostAttempts: number
  readonly eventRetentionMs: number
  /** Milliseconds that stopping waits for running graphs; what has not ended goes on at the next start. */
  readonly graceMs: number
  /** Bytes of a request's body. */
  readonly bodyLimit: number
  readonly typesTimeoutMs: number
  readonly logLevel: string
  /** Everything on stderr is a line of JSON, what graphs print too. */
  readonly logJson: boolean
}

const LEVELS: Readonly<Record<string, string>> = { debug: 'debug', info: 'info', warn: 'warn', warning: 'warn', error: 'error', critical: 'error', fatal: 'error', silent: 'silent' }
const DAYS_24 = 24 * 86_400

/** Throws {@link ProjectError} that names the variable. */
export function readSettings(env: Environment): Settings {
  return {
    jobsPerWorker: numberIn(env, 'N_JOBS_PER_WORKER', { least: 1, most: 10_000, fallback: 10 }),
    runTimeoutMs: secondsIn(env, 'BG_JOB_TIMEOUT_SECS', 0.001, 3600),
    mostAttempts: numberIn(env, 'BG_JOB_MAX_RETRIES', { least: 1, most: 1000, fallback: 3 }),
    eventRetentionMs: secondsIn(env, 'RESUMABLE_STREAM_TTL_SECONDS', 0, 120),
    graceMs: secondsIn(env, 'BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS', 0, 5),
    bodyLimit: numberIn(env, 'HTTP_MAX_REQUEST_BODY_BYTES', { least: 1, most: 2 ** 30, fallback: 300 * 1024 * 1024 }),
    typesTimeoutMs: numberIn(env, 'LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS', { least: 0, most: DAYS_24 * 1000, fallback: 30_000 }),
    logLevel: levelIn(env),
    logJson: flagIn(env, 'LOG_JSON'),
  }
}

function numberIn(env: Environment, name: string, { least, most, fallback }: { least: number, most: number, fallback: number }): number {
  const value = Number(env[name] || fallback)
  if (!Number.isInteger(value) || value < least || value > most) throw new ProjectError(name, null, `${JSON.stringify(env[name])} is not a whole number from ${least} to ${most}.`, `Correct the variable, or unset it: the default is ${fallback}.`)
  return value
}

/** Timers hold no more than 24 days. */
function secondsIn(env: Environment, name: string, least: number, fallback: number): number {
  const value = Number(env[name] || fallback)
  if (!(value >= least) || value > DAYS_24) throw new ProjectError(name, null, `${JSON.stringify(env[name])} is not a number of seconds from ${least} to ${DAYS_24}.`, `Correct the variable, or unset it: the default is ${fallback}.`)
  return value * 1000
}

function levelIn(env: Environment): string {
  const text = env['LOG_LEVEL'] || 'warn'
  const level = LEVELS[text.toLowerCase()]
  if (!level) throw new ProjectError('LOG_LEVEL', null, `There is no level ${JSON.stringify(text)}.`, `Use one of ${Object.keys(LEVELS).join(', ')}.`)
  return level
}

function flagIn(env: Environment, name: string): boolean {
  const text = (env[name] || 'false').toLowerCase()
  if (['true', '1'].includes(text)) return true
  if (['false', '0'].includes(text)) return false
  throw new ProjectError(name, null, `${JSON.stringify(env[name])} is neither true nor false.`, 'Correct the variable, or unset it.')
}

export interface AssistantDefaults { readonly config: Raw, readonly context: Raw }

/** LANGGRAPH_CONFIG: what the system assistants of graphs are made with (§3.1), `{graph_id: {configurable, context, …}}`. Throws {@link ProjectError}. */
export function readAssistantDefaults(env: Environment, graphIds: readonly string[]): Readonly<Record<string, AssistantDefaults>> {
  const name = 'LANGGRAPH_CONFIG'
  if (!env[name]) return {}
  return Object.fromEntries(Object.entries(readJson(name, env[name])).map(([id, entry]) => {
    const fail = (key: string, problem: string, remedy: string) => new ProjectError(name, `${id}${key}`, problem, remedy)
    if (!graphIds.includes(id)) throw fail('', 'There is no such graph.', `Name one of ${graphIds.join(', ')}.`)
    if (!isObject(entry)) throw fail('', 'This must be an object.', 'For example {"configurable": {"model": "small"}}.')
    const { context = {}, ...config } = entry
    const { configurable = {}, tags = [], recursion_limit: limit = 1 } = config
    if (!isObject(context)) throw fail('.context', 'This must be an object.', 'Correct it or remove it.')
    if (!isObject(configurable)) throw fail('.configurable', 'This must be an object.', 'Correct it or remove it.')
    if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) throw fail('.tags', 'This must be a list of texts.', 'Correct it or remove it.')
    if (!Number.isInteger(limit) || Number(limit) < 1) throw fail('.recursion_limit', 'This must be a whole number above 0.', 'Correct it or remove it.')
    if (Object.keys(context).length > 0 && Object.keys(configurable).length > 0) throw fail('', 'This has both configurable and context.', 'Keep one of them; context is preferred.')
    return [id, { config, context }]
  }))
}
