import type { WorkerServices, LogLine } from '../engine/graph-worker.ts'
import type { AuthAnswer, AuthUser, UserAuth } from '../engine/user-auth.ts'
import { PlatformError } from '../errors.ts'
import { CodeGenerations } from './code-generations.ts'
import { AUTH, type NodeRuntimeOptions } from './node-runtime-options.ts'
import type { Refused } from './node-worker/auth-code.ts'

export interface NodeDoorOptions extends Omit<NodeRuntimeOptions, 'graphs' | 'workers' | 'jobsPerWorker' | 'inspectPort' | 'readConfig'> {
  /** `file:export`, relative to the project. */
  readonly path: string
  readonly onOutput: (line: LogLine) => void
}

/** Longer than that nobody waits to be let in. */
const PATIENCE_MS = 30_000

/** The user's auth code in a process of its own: a graph that blocks its worker keeps nobody waiting at the door. Saving a file loads it anew. */
export function createNodeDoor({ path, onOutput, ...options }: NodeDoorOptions): UserAuth {
  let problem = 'it is still being loaded.'
  const generations = new CodeGenerations(
    { ...options, role: 'door', graphs: { [AUTH]: { path, description: null } }, workers: 1, jobsPerWorker: 1, inspectPort: null },
    servicesFor(onOutput),
    { onRoom: () => {}, onStatus: ({ error }) => { if (error !== undefined) problem = error?.message ?? 'its worker is being started.' } },
  )

  async function ask<T>(method: string, params: object): Promise<T> {
    const worker = generations.serving?.pickAny()
    if (!worker) throw new PlatformError('auth_failed', `The auth code can't be asked: ${problem}`, { status: 503 })
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`it did not answer within ${PATIENCE_MS / 1000} s.`)), PATIENCE_MS)
    try {
      const answer = await Promise.race([worker.request<T | Refused>(method, params), late.promise])
      if (!isRefused(answer)) return answer
      const { status, detail } = answer.refused
      throw new PlatformError(status === 401 ? 'unauthorized' : status < 500 ? 'forbidden' : 'auth_failed', detail, { status })
    } catch (error) {
      if (error instanceof PlatformError) throw error
      throw new PlatformError('auth_failed', `The auth code can't be asked: ${(error as Error).message}`, { cause: error, status: 503 })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    start: () => generations.start(),
    stop: () => generations.stop(0),
    authenticate: async (request) => (await ask<{ user: AuthUser }>('auth.authenticate', request)).user,
    authorize: (question) => ask<AuthAnswer>('auth.authorize', question),
  }
}

const isRefused = (answer: unknown): answer is Refused => typeof answer === 'object' && answer !== null && 'refused' in answer

/** Nothing of the platform's is asked from there. */
function servicesFor(log: WorkerServices['log']): WorkerServices {
  const refuse = () => Promise.reject(new Error('The auth code has no checkpoints and no store.'))
  return {
    log, putCheckpoint: refuse, putWrites: refuse, describeCheckpoint: refuse, getCheckpoint: refuse, listCheckpoints: refuse, getPieces: refuse,
    deleteThreadCheckpoints: refuse, store: refuse,
  }
}
