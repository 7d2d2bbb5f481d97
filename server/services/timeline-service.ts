import type { Timeline, TimelineEntry, TimelineQuery } from '../contract/studio.ts'
import { nextOf, tasksOf } from '../domain/checkpoint-view.ts'
import { jsonView } from '../domain/json-view.ts'
import { threadNotFound } from '../errors.ts'
import type { CheckpointRow, Storage } from '../storage/storage.ts'
import { checkpointPages } from './checkpoint-pages.ts'

const MOST = 1000

/** A page of a thread's checkpoints without their values, oldest first; newest page when nothing is asked for. */
export function createTimeline({ threads, checkpoints, runs }: Pick<Storage, 'threads' | 'checkpoints' | 'runs'>) {
  function rowsOf(threadId: string, namespace: string, { before, after, limit }: TimelineQuery): { rows: CheckpointRow[], older: boolean } {
    const most = limit ?? MOST
    if (after === undefined) {
      const page = checkpoints.list(threadId, namespace, { before: before ?? null, limit: most + 1, metadata: null })
      return { rows: page.slice(0, most), older: page.length > most }
    }
    const fresh: CheckpointRow[] = []
    for (const page of checkpointPages(checkpoints, threadId, namespace, before ?? null)) {
      fresh.push(...page.filter((row) => row.checkpoint_id > after))
      if (fresh.length > most || page.some((row) => row.checkpoint_id <= after)) break
    }
    const rows = fresh.slice(0, most)
    return { rows: [...rows, ...changedBy(threadId, namespace, rows, after)], older: fresh.length > most }
  }

  /** What was there before and may read differently now: where the new ones go on from, and where the newest run did. */
  function changedBy(threadId: string, namespace: string, fresh: readonly CheckpointRow[], after: string): CheckpointRow[] {
    const [run] = runs.list(threadId, { status: null, newestFirst: true }, { limit: 1, offset: 0 })
    const ids = new Set([after, run?.kwargs.checkpoint?.checkpoint_id, ...fresh.map((row) => row.parent_checkpoint_id)])
    return [...ids].flatMap((id) => (id && id <= after && checkpoints.get(threadId, namespace, id)) || [])
  }

  function entryOf(row: CheckpointRow, parent: CheckpointRow | null, isParent: boolean): TimelineEntry {
    const { thread_id, checkpoint_ns, checkpoint_id } = row
    const tasks = tasksOf(row, checkpoints.writes(thread_id, checkpoint_ns, checkpoint_id), checkpoints.piece)
    const failed = tasks.find((task) => task.error !== null)
    // Whether it is a head matters only where some of its tasks have ended.
    const isHead = !isParent && tasks.some((task) => task.done) && !checkpoints.hasChild(thread_id, checkpoint_ns, checkpoint_id)
    return {
      checkpoint_id, checkpoint_ns, parent_checkpoint_id: row.parent_checkpoint_id, run_id: row.run_id,
      step: Number(row.metadata['step'] ?? 0), source: String(row.metadata['source'] ?? 'loop'),
      nodes: producersOf(row, parent), next: nextOf(row, tasks, isHead), created_at: row.created_at, changed: changedKeys(row, parent),
      bytes: sizeOf(row), interrupts: tasks.reduce((sum, task) => sum + task.interrupts.length, 0),
      error: failed ? errorText(failed.error) : null,
    }
  }

  return (threadId: string, query: TimelineQuery): Timeline => {
    if (!threads.get(threadId)) throw threadNotFound(threadId)
    const namespace = query.namespace ?? ''
    const { rows, older } = rowsOf(threadId, namespace, query)
    const byId = new Map(rows.map((row) => [row.checkpoint_id, row]))
    const parents = new Set(rows.map((row) => row.parent_checkpoint_id))
    const parentOf = ({ parent_checkpoint_id: id }: CheckpointRow) => id === null ? null : byId.get(id) ?? checkpoints.get(threadId, namespace, id)
    const entries = rows.map((row) => entryOf(row, parentOf(row), parents.has(row.checkpoint_id)))
    return { checkpoints: entries.toSorted((a, b) => a.checkpoint_id < b.checkpoint_id ? -1 : 1), total: checkpoints.count(threadId, namespace), older }
  }
}

/** A step's checkpoint was made by the tasks its parent named; an update's by the node it was made as. */
function producersOf(row: CheckpointRow, parent: CheckpointRow | null): string[] {
  const source = row.metadata['source']
  if (source === 'loop') return [...new Set(parent?.tasks?.map((task) => task.name) ?? parent?.next ?? [])]
  const writes = row.metadata['writes']
  return source === 'update' && typeof writes === 'object' && writes !== null ? Object.keys(writes) : []
}

const stateTexts = (row: CheckpointRow) => (row.root ? [row.root] : row.keys ?? Object.keys(row.channels)).flatMap((key) => {
  const text = row.overrides?.[key] ?? row.channels[key]
  return text === undefined ? [] : [[key, text] as const]
})

/** Equal content has equal stored text, so nothing needs to be read to compare. */
function changedKeys(row: CheckpointRow, parent: CheckpointRow | null): string[] {
  const before = new Map(parent ? stateTexts(parent) : [])
  const now = stateTexts(row)
  const gone = [...before.keys()].filter((key) => !now.some(([other]) => other === key))
  return [...now.filter(([key, text]) => before.get(key) !== text).map(([key]) => key), ...gone]
}

/** A piece's reference says how long it is. */
function sizeOf(row: CheckpointRow): number {
  return stateTexts(row).reduce((sum, [, text]) => sum + storedLength(text), 0)
}

function storedLength(text: string): number {
  const referred = Array.from(text.matchAll(/\{"\$":"p","h":"[\w-]+","n":(\d+)\}/g), (match) => Number(match[1]) - match[0].length)
  return referred.reduce((sum, extra) => sum + extra, text.length)
}

function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message)
  return typeof error === 'string' ? error : JSON.stringify(jsonView(JSON.stringify(error), () => 'null'))
}
