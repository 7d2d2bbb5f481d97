import type { WorkerServices, LogLine } from '../engine/graph-worker.ts'
import type { AuthAnswer, AuthUser } from '../engine/user-auth.ts'
import type { UserDoor } from '../engine/user-door.ts'
import { PlatformError } from '../errors.ts'
import { CodeGenerations } from './code-generations.ts'
import { APP, AUTH, type NodeRuntimeOptions } from './node-runtime-options.ts'
import type { Refused } from './node-worker/auth-code.ts'

export interface NodeDoorOptions extends Omit<NodeRuntimeOptions, 'graphs' | 'workers' | 'jobsPerWorker' | 'inspectPort' | 'readConfig'> {
  /** The auth code, as `file:export` relative to the project. */
  readonly auth?: string | null
  /** `http.app`, likewise. It needs a `loopback`. */
  readonly app?: string | null
  readonly onOutput: (line: LogLine) => void
}

/** Longer than that nobody waits to be let in. */
const PATIENCE_MS = 30_000

/** The project's auth code and app in a process of their own: a graph that blocks its worker keeps nobody waiting at the door. Saving a file loads it anew. */
export function createNodeDoor({ auth, app, onOutput, ...options }: NodeDoorOptions): UserDoor {
  let problem = 'it is still being loaded.'
  const named = Object.entries({ [AUTH]: auth, [APP]: app }).flatMap(([name, path]) => path ? [[name, { path, description: null }] as const] : [])
  const generations = new CodeGenerations(
    { ...options, role: 'door', graphs: Object.fromEntries(named), workers: 1, jobsPerWorker: 1, inspectPort: null },
    servicesFor(onOutput),
    { onRoom: () => {}, onStatus: ({ error }) => { if (error !== undefined) problem = error?.message ?? 'its worker is being started.' } },
  )

  /** Rejects with a sentence that says why there is no answer. */
  async function ask<T>(method: string, params: object): Promise<T> {
    const worker = generations.serving?.pickAny()
    if (!worker) throw new Error(problem)
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`it did not answer within ${PATIENCE_MS / 1000} s.`)), PATIENCE_MS)
    try {
      return await Promise.race([worker.request<T>(method, params), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  async function askAuth<T>(method: string, params: object): Promise<T> {
    const answer = await ask<T | Refused>(method, params).catch((error: Error) => { throw new PlatformError('auth_failed', `The auth code can't be asked: ${error.message}`, { cause: error, status: 503 }) })
    if (!isRefused(answer)) return answer
    const { status, detail } = answer.refused
    throw new PlatformError(status === 401 ? 'unauthorized' : status < 500 ? 'forbidden' : 'auth_failed', detail, { status })
  }

  return {
    start: () => generations.start(),
    stop: () => generations.stop(0),
    auth: auth ? {
      authenticate: async (request) => (await askAuth<{ user: AuthUser }>('auth.authenticate', request)).user,
      authorize: (question) => askAuth<AuthAnswer>('auth.authorize', question),
    } : null,
    app: app ? {
      address: () => ask<{ address: string }>('app.address', {}).then(({ address }) => address, (error: Error) => { throw new PlatformError('worker_unavailable', `The project's http.app can't be asked: ${error.message}`, { cause: error }) }),
    } : null,
  }
}

const isRefused = (answer: unknown): answer is Refused => typeof answer === 'object' && answer !== null && 'refused' in answer

/** Nothing of the platform's is asked from there. */
function servicesFor(log: WorkerServices['log']): WorkerServices {
  const refuse = () => Promise.reject(new Error('The project\'s code before requests has no checkpoints and no store.'))
  return {
    log, keepSpans: () => {}, putCheckpoint: refuse, putWrites: refuse, describeCheckpoint: refuse, getCheckpoint: refuse, listCheckpoints: refuse, getPieces: refuse,
    deleteThreadCheckpoints: refuse, store: refuse,
  }
}
