import { reduceMessageTuple, reduceWholeMessages, settleMessages } from './reduce-messages.ts'
import { reduceTask } from './reduce-tasks.ts'
import { nodePath, type RunEvent } from './run-event.ts'
import type { LogEntry, RunView } from './run-view.ts'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
/** Older entries of a very long run leave the view; they stay in the thread's history. */
const LONGEST_LOG = 1000

const log = (view: RunView, ...entries: LogEntry[]): RunView => ({ ...view, log: [...view.log, ...entries].slice(-LONGEST_LOG) })

type Reducer = (view: RunView, event: RunEvent) => RunView

const REDUCERS: Readonly<Record<string, Reducer>> = {
  metadata: (view, { data, at }) => !isRecord(data) ? view : {
    ...view, runId: typeof data['run_id'] === 'string' ? data['run_id'] : view.runId, attempt: Number(data['attempt'] ?? 1),
    startedAt: view.startedAt ?? at, tasks: {},
  },
  values: (view, { data, namespace }) => {
    if (namespace.length || !isRecord(data)) return view
    const { __interrupt__: interrupt, ...values } = data
    const next = Object.keys(values).length ? { ...settleMessages(view, values), values } : view
    return interrupt ? { ...next, hasInterrupt: true } : next
  },
  updates: (view, { data, namespace, seq, at }) => {
    if (!isRecord(data)) return view
    const { __interrupt__: interrupt, ...byNode } = data
    const next = log(view, ...Object.entries(byNode).map(([node, update]) => ({ seq, at, kind: 'update' as const, node: nodePath(namespace, node), data: update })))
    return interrupt ? { ...next, hasInterrupt: true } : next
  },
  custom: (view, { data, namespace, seq, at }) =>
    log(view, { seq, at, kind: 'custom', node: namespace.length ? nodePath(namespace.slice(0, -1), namespace.at(-1)!.split(':', 1)[0]!) : null, data }),
  messages: withTokens(reduceMessageTuple),
  'messages/partial': reduceWholeMessages,
  'messages/complete': reduceWholeMessages,
  tasks: reduceTask,
  checkpoints: (view, { namespace }) => namespace.length ? view : { ...view, checkpoints: view.checkpoints + 1 },
  error: (view, { data }) => ({ ...view, failure: isRecord(data) ? { error: String(data['error'] ?? 'Error'), message: String(data['message'] ?? '') } : { error: 'Error', message: String(data) } }),
}

/** Tokens that a message reports count for the node that spoke. */
function withTokens(reduce: Reducer): Reducer {
  return (view, event) => {
    const next = reduce(view, event)
    const [raw] = Array.isArray(event.data) ? event.data as unknown[] : []
    const usage = isRecord(raw) ? raw['usage_metadata'] : null
    const tokens = isRecord(usage) && typeof usage['total_tokens'] === 'number' ? usage['total_tokens'] : 0
    const spoken = isRecord(raw) && typeof raw['id'] === 'string' ? next.messages[raw['id']]?.node : null
    const node = spoken ? next.nodes[spoken] : undefined
    return tokens && spoken && node ? { ...next, nodes: { ...next.nodes, [spoken]: { ...node, tokens: node.tokens + tokens } } } : next
  }
}

/** Folds one frame into the view. Pure, total, and safe to replay from any point. */
export function reduceRun(view: RunView, event: RunEvent): RunView {
  if (event.seq <= view.lastSeq) return view
  const reduce = REDUCERS[event.event]
  return { ...(reduce ? reduce(view, event) : view), lastSeq: event.seq }
}
