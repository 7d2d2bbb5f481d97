import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { GraphRuntime, RunJob, RunOutcome, StateUpdate } from '../../engine/graph-worker.ts'
import { createNodeRuntime, type NodeRuntimeOptions } from '../node-runtime.ts'
import { createMemoryServices, type MemoryServices } from './memory-services.ts'

const RUNTIME_DIR = resolve(import.meta.dirname, '..')
export const APP_DIR = resolve(RUNTIME_DIR, '../..')
export const FIXTURES = join(RUNTIME_DIR, 'testing/fixtures/project')

export interface SeenEvent { readonly event: string, readonly data: unknown }

export interface RunResult { readonly outcome: RunOutcome, readonly events: SeenEvent[], named(event: string): unknown[] }

export interface Harness {
  readonly runtime: GraphRuntime
  readonly services: MemoryServices
  readonly logged: Record<string, unknown>[]
  run(graphId: string, job?: Partial<RunJob>, hooks?: RunHooks): Promise<RunResult>
  update(graphId: string, update: Partial<StateUpdate>): ReturnType<GraphRuntime['updateState']>
}

export interface RunHooks { readonly signal?: AbortSignal, readonly onEvent?: (event: SeenEvent) => void }

/** Starts real worker processes from source; `graphs` maps ids to `path:export`. Call `runtime.stop` yourself. */
export async function startHarness(graphs: Record<string, string>, options: Partial<NodeRuntimeOptions> = {}, services = createMemoryServices()): Promise<Harness> {
  const logged: Record<string, unknown>[] = []
  const runtime = createNodeRuntime({
    projectDir: FIXTURES, appDir: APP_DIR, configFiles: [], env: process.env as Record<string, string>, workers: 1, maxWorkerMemoryMb: 2048, jobsPerWorker: 10, reload: false, inspectPort: null,
    workerEntry: join(RUNTIME_DIR, 'node-worker/main.ts'),
    graphs: Object.fromEntries(Object.entries(graphs).map(([id, path]) => [id, { path, description: null }])),
    log: (entry) => void logged.push(entry),
    ...options,
  })
  await runtime.start(services)
  return {
    runtime, services, logged,
    async run(graphId, job, hooks = {}) {
      const events: SeenEvent[] = []
      const outcome = await runtime.run(createJob(graphId, job), ({ event, data }) => {
        const seen = { event, data: JSON.parse(Buffer.from(data).toString('utf8')) as unknown }
        events.push(seen)
        hooks.onEvent?.(seen)
      }, hooks.signal ?? new AbortController().signal)
      return { outcome, events, named: (name) => events.filter(({ event }) => event === name).map(({ data }) => data) }
    },
    update: (graphId, update) => runtime.updateState({ graph_id: graphId, thread_id: 'thread', checkpoint: null, values: null, as_node: null, config: { configurable: {}, metadata: {} }, ...update }),
  }
}

function createJob(graphId: string, job: Partial<RunJob> = {}): RunJob {
  return {
    run_id: randomUUID(), thread_id: randomUUID(), attempt: 1, alone: false, graph_id: graphId, assistant_id: randomUUID(), input: {}, command: null, checkpoint: null,
    config: { configurable: {}, metadata: {} }, context: null, stream_mode: ['values'], stream_subgraphs: false, interrupt_before: null, interrupt_after: null, durability: 'async',
    ...job,
  }
}

/** A project folder outside the repository, removed after the test. Paths may have folders. */
export async function createProject(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'superstep-project-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFiles(dir, files)
  return dir
}

export async function writeFiles(dir: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
}

/** A graph's source that says one text. */
export const sayingGraph = (text: string) => `import { Annotation, START, StateGraph } from '@langchain/langgraph'
export const graph = new StateGraph(Annotation.Root({ text: Annotation<string> })).addNode('say', () => ({ text: ${JSON.stringify(text)} })).addEdge(START, 'say').compile()
`
