import { nodePath, type RunEvent } from './run-event.ts'
import type { NodeActivity, NodeStatus, RunView } from './run-view.ts'

interface TaskFrame { readonly id: string, readonly name: string, readonly error?: unknown, readonly interrupts?: readonly unknown[] }

const isTask = (data: unknown): data is TaskFrame =>
  typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'string' && 'name' in data && typeof data.name === 'string'

/** A frame with a result or an error ends its task; one with an input begins it. */
const isEnd = (data: TaskFrame): boolean => 'result' in data || 'error' in data

const IDLE: NodeActivity = { status: 'done', passes: 0, live: 0, widest: 0, startedAt: 0, lastMs: null, tokens: 0 }

export function reduceTask(view: RunView, event: RunEvent): RunView {
  if (!isTask(event.data)) return view
  const path = nodePath(event.namespace, event.data.name)
  return isEnd(event.data) ? endTask(view, event.data, path, event.at) : beginTask(view, event.data, path, event.at)
}

function beginTask(view: RunView, { id }: TaskFrame, path: string, at: number): RunView {
  if (id in view.tasks) return view
  const before = Object.hasOwn(view.nodes, path) ? view.nodes[path]! : IDLE
  const live = before.live + 1
  const node: NodeActivity = { ...before, status: 'running', passes: before.passes + 1, live, widest: Math.max(before.widest, live), startedAt: before.live ? before.startedAt : at }
  return { ...view, tasks: { ...view.tasks, [id]: { node: path, startedAt: at } }, nodes: { ...view.nodes, [path]: node } }
}

function endTask(view: RunView, task: TaskFrame, path: string, at: number): RunView {
  const begun = view.tasks[task.id]
  const before = Object.hasOwn(view.nodes, path) ? view.nodes[path]! : IDLE
  const live = begun ? Math.max(0, before.live - 1) : before.live
  const outcome: NodeStatus = task.error ? 'error' : task.interrupts?.length ? 'interrupted' : 'done'
  // One waiting or failed instance marks the node, whatever its siblings do.
  const status = outcome !== 'done' ? outcome : live > 0 ? 'running' : before.status === 'error' || before.status === 'interrupted' ? before.status : 'done'
  const { [task.id]: _, ...tasks } = view.tasks
  return { ...view, tasks, nodes: { ...view.nodes, [path]: { ...before, status, live, lastMs: begun ? at - begun.startedAt : before.lastMs } } }
}
