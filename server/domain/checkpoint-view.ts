import type { CheckpointConfig, Interrupt, ThreadTask } from '../contract/thread.ts'
import { jsonView, type JsonView } from './json-view.ts'
import type { PieceSource } from './read-value.ts'

/** The stored parts of a checkpoint that its view is made of. */
export interface ViewSource {
  readonly thread_id: string
  readonly checkpoint_ns: string
  readonly checkpoint_id: string
  readonly channels: Readonly<Record<string, string>>
  readonly keys: readonly string[] | null
  readonly overrides: Readonly<Record<string, string>> | null
  /** The one channel that is the whole state (functional graphs); null where the state is made of keys. */
  readonly root?: string | null
  readonly next: readonly string[] | null
  readonly tasks: readonly { id: string, name: string, path?: unknown, subgraph?: boolean }[] | null
}
export interface ViewWrite { readonly task_id: string, readonly idx: number, readonly channel: string, readonly value: string }

/** Channels of the engine itself, for a checkpoint that no worker has described (§4 of the protocol). */
const isStateKey = (channel: string) => !/^(__|branch:|start:|join:)/.test(channel) && !channel.includes(':')

/** The state's values as clients see them: the channels that the graph reads as its state, or those of them that are `wanted`. */
export function valuesOf(source: ViewSource, pieces: PieceSource, view: JsonView = jsonView, wanted: ReadonlySet<string> | null = null): unknown {
  if (source.root) {
    const text = source.overrides?.[source.root] ?? source.channels[source.root]
    return text === undefined ? null : pickKeys(view(text, pieces), wanted)
  }
  const keys = (source.keys ?? Object.keys(source.channels).filter(isStateKey)).filter((key) => wanted?.has(key) ?? true)
  const stored = keys.map((key) => [key, source.overrides?.[key] ?? source.channels[key]] as const)
  return Object.fromEntries(stored.flatMap(([key, text]) => text === undefined ? [] : [[key, view(text, pieces)]]))
}

const pickKeys = (value: unknown, wanted: ReadonlySet<string> | null): unknown =>
  wanted && typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => wanted.has(key))) : value

/** A task has ended when it has written anything but the special marks (negative indices). */
const hasEnded = (writes: readonly ViewWrite[]) => writes.some(({ idx }) => idx >= 0)

export type TaskView = Pick<ThreadTask, 'id' | 'name' | 'path' | 'error' | 'interrupts' | 'result'> & { done: boolean, subgraph: boolean }

/** The tasks that follow a checkpoint, with what is known of each: its failure, its open questions, its result. */
export function tasksOf(source: ViewSource, writes: readonly ViewWrite[], pieces: PieceSource): TaskView[] {
  return (source.tasks ?? []).map(({ id, name, path, subgraph }) => {
    const own = writes.filter((write) => write.task_id === id)
    const valueOf = (write: ViewWrite) => jsonView(write.value, pieces)
    const error = own.find((write) => write.channel === '__error__')
    const done = hasEnded(own)
    const results = own.filter((write) => write.idx >= 0 && source.keys?.includes(write.channel))
    return {
      id, name, path: path ?? null, done, subgraph: subgraph ?? false,
      error: error && !done ? valueOf(error) : null,
      interrupts: done ? [] : own.filter((write) => write.channel === '__interrupt__').flatMap((write) => valueOf(write) as Interrupt | Interrupt[]),
      result: results.length ? Object.fromEntries(results.map((write) => [write.channel, valueOf(write)])) : null,
    }
  })
}

/**
 * Nodes that follow. At the head of a thread those that have finished already do not count; looking back at a checkpoint,
 * all of them do (as LangGraph's own getState tells it with and without a checkpoint id).
 */
export function nextOf(source: ViewSource, tasks: readonly TaskView[], isHead: boolean): string[] {
  if (tasks.length === 0) return [...source.next ?? []]
  return tasks.filter((task) => !isHead || !task.done).map((task) => task.name)
}

/** What a thread shows of its newest checkpoint. */
export const interruptsByTask = (tasks: readonly TaskView[]): Record<string, Interrupt[]> =>
  Object.fromEntries(tasks.filter((task) => task.interrupts.length).map((task) => [task.id, task.interrupts]))

export const childNamespace = (ns: string, task: { id: string, name: string }): string => `${ns ? `${ns}|` : ''}${task.name}:${task.id}`

export const checkpointConfig = (thread_id: string, checkpoint_ns: string, checkpoint_id: string | null): CheckpointConfig =>
  ({ thread_id, checkpoint_ns, checkpoint_id, checkpoint_map: checkpoint_id === null ? {} : { [checkpoint_ns]: checkpoint_id } })
