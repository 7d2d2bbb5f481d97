import type { RunJob, WorkerSpan } from '../../engine/graph-worker.ts'
import type { Connection } from '../connection.ts'
import { toWireBytes, toWireJson } from './wire-json.ts'

/** So many ended spans go together, or what there is after so many milliseconds. */
const BATCH = 32
const LATEST_MS = 200
const AFTER_END_MS = 20
/** More are not kept of one run: a loop without end fills no disk. */
const MOST = 5_000
/** Characters of one span's payload. */
const LONGEST = 256 * 1024

type Fields = Readonly<Record<string, unknown>>
interface Outcome { readonly output?: unknown, readonly error?: unknown, readonly model?: string | null, readonly tokens?: { readonly input: number | null, readonly output: number | null } }
type Open = Pick<WorkerSpan, 'parent_id' | 'name' | 'kind' | 'node' | 'checkpoint_ns' | 'step' | 'started_at' | 'model'> & { readonly input: unknown, readonly isHidden: boolean }

/** Callbacks of LangChain's, by shape: the user's own copy makes a handler of them. */
export type TraceHandler = Readonly<Record<string, (...args: never[]) => void>>

export interface RunTrace {
  readonly handler: TraceHandler
  /** Sends what is left, in a moment: the run's end is not to wait for it, and LangChain may tell of some spans only then. */
  finish(): void
}

/** `SUPERSTEP_TRACES=off` in the environment keeps nothing. */
export const isTracing = (): boolean => !/^(off|false|0|no)$/i.test(process.env['SUPERSTEP_TRACES'] ?? '')

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | null => typeof value === 'string' && value !== '' ? value : null
const number = (value: unknown): number | null => typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null
const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 100) / 100

/** Gathers what happens inside a run, and tells the server of it in batches. */
export function traceRun({ run_id: runId, thread_id }: Pick<RunJob, 'run_id' | 'thread_id'>, connection: Pick<Connection, 'notify'>): RunTrace {
  const open = new Map<string, Open>()
  let ended: WorkerSpan[] = []
  let count = 0
  let timer: NodeJS.Timeout | null = null

  function flush(): void {
    if (timer) clearTimeout(timer)
    timer = null
    if (ended.length === 0) return
    connection.notify('run.spans', { run_id: runId, thread_id }, toWireBytes(ended))
    ended = []
  }

  function begin(kind: WorkerSpan['kind'], id: string, parentId: string | undefined, { name, metadata, tags, input = null, model = null }: { name: string, metadata: unknown, tags: unknown, input?: unknown, model?: string | null }): void {
    if (count++ >= MOST) return
    const about = isRecord(metadata) ? metadata : {}
    const node = text(about['langgraph_node'])
    const own = id === runId ? 'graph' : kind === 'chain' && name === node ? 'node' : kind
    open.set(id, {
      parent_id: parentId ?? null, name, kind: own, node, checkpoint_ns: text(about['langgraph_checkpoint_ns']) ?? text(about['checkpoint_ns']) ?? '', step: number(about['langgraph_step']), started_at: now(), model,
      input, isHidden: Array.isArray(tags) && tags.includes('langsmith:hidden'),
    })
  }

  /** What is hidden is left out; what is in it belongs to what it is in. */
  function parentOf(span: Open): string | null {
    for (let id = span.parent_id; id !== null;) {
      const parent = open.get(id)
      if (!parent?.isHidden) return id
      id = parent.parent_id
    }
    return null
  }

  function end(id: string, outcome: Outcome): void {
    const span = open.get(id)
    if (!span) return
    open.delete(id)
    if (span.isHidden) return
    const { input, isHidden: _, model, ...about } = span
    const hasPayload = about.kind === 'model' || about.kind === 'tool' || about.kind === 'retriever'
    ended.push({
      ...about, parent_id: parentOf(span), span_id: id, ended_at: now(), error: errorText(outcome.error), model: outcome.model ?? model, input_tokens: outcome.tokens?.input ?? null, output_tokens: outcome.tokens?.output ?? null,
      payload: hasPayload ? bounded(toWireJson({ input, output: outcome.output ?? null })) : null,
    })
    if (ended.length >= BATCH) flush()
    else timer ??= setTimeout(flush, LATEST_MS).unref()
  }

  const fail = (error: unknown, id: string) => end(id, { error })
  return {
    finish: () => {
      if (timer) clearTimeout(timer)
      timer = setTimeout(flush, AFTER_END_MS)
    },
    handler: {
      handleChainStart: (chain: unknown, _inputs: unknown, id: string, parentId?: string, tags?: unknown, metadata?: unknown, _type?: string, name?: string) => begin('chain', id, parentId, { name: name ?? nameOf(chain), metadata, tags }),
      handleChainEnd: (_outputs: unknown, id: string) => end(id, {}),
      handleChainError: fail,
      handleChatModelStart: (model: unknown, messages: unknown, id: string, parentId?: string, extra?: unknown, tags?: unknown, metadata?: unknown, name?: string) => begin('model', id, parentId, { name: name ?? nameOf(model), metadata, tags, ...modelStart(Array.isArray(messages) && messages.length === 1 ? messages[0] : messages, extra, metadata) }),
      handleLLMStart: (model: unknown, prompts: unknown, id: string, parentId?: string, extra?: unknown, tags?: unknown, metadata?: unknown, name?: string) => begin('model', id, parentId, { name: name ?? nameOf(model), metadata, tags, ...modelStart(prompts, extra, metadata) }),
      handleLLMEnd: (output: unknown, id: string) => end(id, modelEnd(output)),
      handleLLMError: fail,
      handleToolStart: (tool: unknown, input: unknown, id: string, parentId?: string, tags?: unknown, metadata?: unknown, name?: string) => begin('tool', id, parentId, { name: name ?? nameOf(tool), metadata, tags, input: parsed(input) }),
      handleToolEnd: (output: unknown, id: string) => end(id, { output }),
      handleToolError: fail,
      handleRetrieverStart: (retriever: unknown, query: unknown, id: string, parentId?: string, tags?: unknown, metadata?: unknown, name?: string) => begin('retriever', id, parentId, { name: name ?? nameOf(retriever), metadata, tags, input: query }),
      handleRetrieverEnd: (documents: unknown, id: string) => end(id, { output: documents }),
      handleRetrieverError: fail,
    },
  }
}

function nameOf(serialized: unknown): string {
  if (!isRecord(serialized)) return 'unnamed'
  const { name, id } = serialized
  return text(name) ?? (Array.isArray(id) ? text(id.at(-1)) : null) ?? 'unnamed'
}

function modelStart(input: unknown, extra: unknown, metadata: unknown): { input: unknown, model: string | null } {
  const parameters = isRecord(extra) && isRecord(extra['invocation_params']) ? extra['invocation_params'] : {}
  const about = isRecord(metadata) ? metadata : {}
  return { input: { messages: input, parameters }, model: text(about['ls_model_name']) ?? text(parameters['model']) ?? text(parameters['model_name']) }
}

function modelEnd(result: unknown): Outcome {
  const { generations, llmOutput } = isRecord(result) ? result : {}
  const all = Array.isArray(generations) ? generations.flat() as unknown[] : []
  const messages = all.map((generation) => isRecord(generation) ? generation['message'] ?? generation['text'] : generation)
  const [first] = messages
  const usage = isRecord(first) && isRecord(first['usage_metadata']) ? first['usage_metadata'] : {}
  const older = isRecord(llmOutput) && isRecord(llmOutput['tokenUsage']) ? llmOutput['tokenUsage'] : {}
  const about = isRecord(first) && isRecord(first['response_metadata']) ? first['response_metadata'] : {}
  return {
    output: messages.length === 1 ? first : messages, model: text(about['model_name']) ?? text(about['model']),
    tokens: { input: number(usage['input_tokens']) ?? number(older['promptTokens']), output: number(usage['output_tokens']) ?? number(older['completionTokens']) },
  }
}

/** A tool is told its input as text, mostly JSON. */
function parsed(input: unknown): unknown {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}

/** An interrupt is thrown, and is no failure. */
function errorText(error: unknown): string | null {
  if (error === undefined || (isRecord(error) && error['is_bubble_up'] === true)) return null
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 4_000) : String(error).slice(0, 4_000)
}

const bounded = (json: string): string => json.length <= LONGEST ? json : JSON.stringify({ cut: json.length, text: json.slice(0, LONGEST) })
