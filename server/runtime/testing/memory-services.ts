import type { CheckpointPut, CheckpointView, CheckpointWrite, LogLine, Pieces, StoreOp, StoredCheckpoint, WorkerServices, WorkerSpan } from '../../engine/graph-worker.ts'
import { pieceRefs, withAllPieces } from '../../domain/piece-refs.ts'
import { jsonView } from '../../domain/json-view.ts'

type Write = CheckpointWrite & { task_id: string }

interface Kept { put: CheckpointPut, writes: Write[], view: CheckpointView | null, values: Record<string, unknown> | unknown }

/** An in-memory platform for tests: checkpoints, pieces, a store and the log, all there to be looked at. */
export interface MemoryServices extends WorkerServices {
  readonly checkpoints: Map<string, Kept>
  readonly pieces: Map<string, string>
  /** Pieces received with each request, in order: `method` and how many. */
  readonly received: { method: string, hashes: string[], bytes: number }[]
  readonly lines: LogLine[]
  readonly spans: WorkerSpan[]
  /** Checkpoints of a thread's namespace, newest first. */
  history(threadId: string, checkpointNs?: string): Kept[]
  /** `values` as a reader would see them, by the view's keys. */
  valuesOf(kept: Kept): unknown
}

export function createMemoryServices(): MemoryServices {
  const checkpoints = new Map<string, Kept>()
  const pieces = new Map<string, string>()
  const items = new Map<string, Record<string, unknown>>()
  const lines: LogLine[] = []
  const spans: WorkerSpan[] = []
  const received: { method: string, hashes: string[], bytes: number }[] = []

  const keyOf = (at: { thread_id: string, checkpoint_ns: string, checkpoint_id: string }) => JSON.stringify([at.thread_id, at.checkpoint_ns, at.checkpoint_id])
  const pieceOf = (hash: string) => {
    const json = pieces.get(hash)
    if (json === undefined) throw new Error(`piece ${hash} is missing`)
    return json
  }
  /** All that a text refers to, directly or through pieces, and isn't here. */
  const missingIn = (texts: readonly string[]): string[] => texts.flatMap((text) => pieceRefs(text).flatMap((hash) => pieces.has(hash) ? missingIn([pieces.get(hash)!]) : [hash]))
  const keepPieces = (method: string, given: Pieces) => {
    received.push({ method, hashes: [...given.keys()], bytes: [...given.values()].reduce((sum, piece) => sum + piece.length, 0) })
    for (const [hash, bytes] of given) pieces.set(hash, Buffer.from(bytes).toString('utf8'))
  }
  const toStored = ({ put, writes, view }: Kept): StoredCheckpoint => ({
    thread_id: put.thread_id, checkpoint_ns: put.checkpoint_ns, checkpoint_id: put.checkpoint_id, parent_checkpoint_id: put.parent_checkpoint_id,
    metadata: put.metadata, body: put.body, channels: put.channels, described: view !== null,
    writes: writes.map(({ task_id, channel, value }) => ({ task_id, channel, value })),
  })
  const newestFirst = (threadId: string | null, checkpointNs: string | null) => [...checkpoints.values()]
    .filter(({ put }) => (threadId === null || put.thread_id === threadId) && (checkpointNs === null || put.checkpoint_ns === checkpointNs))
    .sort((a, b) => a.put.checkpoint_id < b.put.checkpoint_id ? 1 : -1)

  return {
    checkpoints, pieces, lines, received,
    history: (threadId, checkpointNs = '') => newestFirst(threadId, checkpointNs),
    valuesOf({ put, view }) {
      if (!view) throw new Error('the checkpoint was never described')
      const read = (key: string) => jsonView(view.overrides?.[key] ?? put.channels[key] ?? 'null', pieceOf)
      return view.root === undefined ? Object.fromEntries(view.keys.map((key) => [key, read(key)])) : read(view.root)
    },
    putCheckpoint({ view, ...put }, given) {
      keepPieces('put', given)
      const missing = missingIn([...Object.values(put.channels), ...Object.values(view?.overrides ?? {})])
      const { thread_id, checkpoint_ns, checkpoint_id } = put
      if (missing.length === 0) checkpoints.set(keyOf(put), { put, writes: checkpoints.get(keyOf(put))?.writes ?? [], view: view ? { ...view, thread_id, checkpoint_ns, checkpoint_id } : null, values: null })
      return Promise.resolve({ missing })
    },
    putWrites(at, writes, given) {
      keepPieces('writes', given)
      const missing = missingIn(writes.map(({ value }) => value))
      if (missing.length > 0) return Promise.resolve({ missing })
      const kept = checkpoints.get(keyOf(at))
      if (!kept) throw new Error('writes for a checkpoint that was never put')
      for (const write of writes) {
        const index = kept.writes.findIndex(({ task_id, idx }) => task_id === at.task_id && idx === write.idx)
        if (index < 0) kept.writes.push({ ...write, task_id: at.task_id })
        else if (write.idx < 0) kept.writes[index] = { ...write, task_id: at.task_id }
      }
      return Promise.resolve({ missing: [] })
    },
    describeCheckpoint(view, given) {
      keepPieces('describe', given)
      const kept = checkpoints.get(keyOf(view))
      if (!kept) throw new Error('a view of a checkpoint that was never put')
      kept.view = view
      return Promise.resolve({ missing: missingIn(Object.values(view.overrides ?? {})) })
    },
    getCheckpoint(at) {
      const kept = at.checkpoint_id === null ? newestFirst(at.thread_id, at.checkpoint_ns)[0] : checkpoints.get(keyOf({ ...at, checkpoint_id: at.checkpoint_id }))
      return Promise.resolve(kept ? toStored(kept) : null)
    },
    getPieces: (hashes) => Promise.resolve(withAllPieces(hashes, pieceOf)),
    listCheckpoints(at, { before, limit, filter }) {
      const all = newestFirst(at.thread_id, at.checkpoint_ns)
        .filter(({ put }) => (before === null || put.checkpoint_id < before) && Object.entries(filter ?? {}).every(([key, value]) => put.metadata[key] === value))
      return Promise.resolve(all.slice(0, limit ?? all.length).map(toStored))
    },
    deleteThreadCheckpoints(threadId) {
      for (const [key, { put }] of checkpoints) if (put.thread_id === threadId) checkpoints.delete(key)
      return Promise.resolve()
    },
    store: (ops) => Promise.resolve(ops.map((op) => applyStoreOp(items, op))),
    log: (line) => void lines.push(line),
    spans,
    keepSpans: (_runId, told) => void spans.push(...told),
  }
}

function applyStoreOp(items: Map<string, Record<string, unknown>>, { op, args }: StoreOp): unknown {
  const key = JSON.stringify([args['namespace'], args['key']])
  const now = new Date(0).toISOString()
  if (op === 'put') items.set(key, { namespace: args['namespace'], key: args['key'], value: args['value'], created_at: now, updated_at: now })
  if (op === 'delete') items.delete(key)
  if (op === 'get') return items.get(key) ?? null
  if (op === 'namespaces') return [...new Set([...items.values()].map((item) => JSON.stringify(item['namespace'])))].map((text) => JSON.parse(text) as string[])
  if (op === 'search') {
    const prefix = args['namespace_prefix'] as string[]
    return [...items.values()].filter((item) => prefix.every((part, index) => (item['namespace'] as string[])[index] === part)).slice(0, args['limit'] as number)
  }
  return null
}
