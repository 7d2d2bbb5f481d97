import type { GraphRuntime, RunJob, RunOutcome, RuntimeStatus, WorkerServices } from '../engine/graph-worker.ts'

export interface FakeJob {
  readonly job: RunJob
  readonly signal: AbortSignal
  emit(event: string, data: unknown): void
  end(outcome: RunOutcome): void
}

/** A runtime whose runs are driven by the test: each job waits until the test ends it. */
export interface FakeRuntime extends GraphRuntime {
  /** The next job handed over (also one that waits already). */
  nextJob(): Promise<FakeJob>
  readonly services: WorkerServices
  capacity: number
  /** Jobs go on when they are told to stop, as user code may. */
  stubborn: boolean
}

export function createFakeRuntime(graphIds: readonly string[] = ['agent']): FakeRuntime {
  const waitingJobs: FakeJob[] = []
  const unfinished = new Set<FakeJob>()
  const waitingTests: ((job: FakeJob) => void)[] = []
  const roomListeners = new Set<() => void>()
  let running = 0
  let isKeptFree = false
  let services: WorkerServices | null = null
  const status: RuntimeStatus = {
    state: 'ready', generation: 1, pid: 1, node_version: 'v0', langgraph_version: '0', ready_ms: 1, error: null,
    graphs: graphIds.map((graph_id) => ({ graph_id, description: null, path: `./${graph_id}.ts:graph`, error: null })),
  }
  const refuse = () => Promise.reject(new Error('The fake runtime has no code.'))

  return {
    capacity: 10,
    stubborn: false,
    get services() { return services! },
    start: async (given) => { services = given },
    stop: async () => {
      for (const job of unfinished) job.end({ status: 'lost', error: { error: 'WorkerLostError', message: 'stopped' }, blame: 'none' })
    },
    status: () => status,
    onStatus: () => () => {},
    hasRoom(alone = false) { return alone ? running === 0 : running < this.capacity && !isKeptFree },
    size() { return { workers: 1, slots: this.capacity } },
    keepOneFree: (isWanted) => { isKeptFree = isWanted },
    onRoom: (listener) => {
      roomListeners.add(listener)
      return () => void roomListeners.delete(listener)
    },
    run(job, onFrame, signal) {
      const isStubborn = this.stubborn
      return new Promise<RunOutcome>((resolve) => {
        running++
        const fake: FakeJob = {
          job, signal,
          emit: (event, data) => void onFrame({ event, data: Buffer.from(JSON.stringify(data)) }),
          end: (outcome) => {
            if (!unfinished.delete(fake)) return
            running--
            resolve(outcome)
            for (const listener of roomListeners) listener()
          },
        }
        unfinished.add(fake)
        signal.addEventListener('abort', () => isStubborn || fake.end({ status: 'cancelled' }))
        const test = waitingTests.shift()
        if (test) test(fake)
        else waitingJobs.push(fake)
      })
    },
    nextJob: () => new Promise((resolve) => {
      const job = waitingJobs.shift()
      if (job) resolve(job)
      else waitingTests.push(resolve)
    }),
    updateState: refuse, applySupersteps: refuse, drawGraph: refuse, schemas: refuse, subgraphs: refuse, embed: refuse,
  }
}
