import { setImmediate as nextTurn } from 'node:timers/promises'
import { THREAD_FILE_FORMAT, THREAD_FILE_VERSION, type CheckpointLine, type RunLine, type ThreadFileLine } from '../contract/thread-file.ts'
import { isTerminal } from '../domain/run-transitions.ts'
import { pieceRefs } from '../domain/piece-refs.ts'
import { settledThread } from '../engine/thread-outcome.ts'
import { threadNotFound } from '../errors.ts'
import type { CheckpointRow, RunRow, Storage, ThreadRow } from '../storage/storage.ts'

/** Rows read at a time, and characters handed on at a time. */
const PAGE = 50
const CHUNK = 64 * 1024

/**
 * The file of some threads, in parts of about 64 kB, read as they are asked for. Throws `thread_not_found` before the first
 * part. When a thread is deleted meanwhile the parts end in an error, and the file lacks its last line.
 */
export function exportThreads(storage: Storage, threadIds: readonly string[], now: string): AsyncIterable<string> {
  const rows = threadIds.map((id) => requireThread(storage, id))
  return inChunks(linesOf(storage, rows, now))
}

function requireThread(storage: Storage, id: string): ThreadRow {
  const row = storage.threads.get(id)
  if (!row) throw threadNotFound(id)
  return row
}

/** The event loop has its turn between two parts, however fast the reader. */
async function* inChunks(lines: Iterable<object>): AsyncIterable<string> {
  let text = ''
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`
    if (text.length < CHUNK) continue
    yield text
    text = ''
    await nextTurn()
  }
  yield text
}

function* linesOf(storage: Storage, threads: readonly ThreadRow[], now: string): Iterable<object> {
  let lines = 2
  yield { format: THREAD_FILE_FORMAT, version: THREAD_FILE_VERSION, created_at: now }
  const written = new Set<string>()
  for (const thread of threads)
    for (const line of threadLines(storage, thread, written, now)) {
      lines++
      yield line
    }
  yield { type: 'end', threads: threads.length, lines } satisfies ThreadFileLine
}

/** How long a thread stays is said where it is, not in its file. */
function* threadLines(storage: Storage, { ttl: _, ...thread }: ThreadRow, written: Set<string>, now: string): Iterable<ThreadFileLine> {
  const settled = thread.status === 'busy' ? settledThread(storage, thread.thread_id) : {}
  yield { type: 'thread', ...thread, ...settled }
  for (const run of storage.runs.list(thread.thread_id, { status: null, newestFirst: false }, null)) yield runLine(run, now)
  for (const row of checkpointsOf(storage, thread.thread_id)) {
    yield* pieceLines(storage, [...Object.values(row.channels), ...Object.values(row.overrides ?? {})], written)
    yield checkpointLine(row)
    const writes = storage.checkpoints.writes(thread.thread_id, row.checkpoint_ns, row.checkpoint_id)
    if (writes.length === 0) continue
    yield* pieceLines(storage, writes.map((write) => write.value), written)
    yield { type: 'writes', checkpoint_ns: row.checkpoint_ns, checkpoint_id: row.checkpoint_id, writes: writes.map(({ task_id, idx, channel, value, run_id }) => ({ task_id, idx, channel, value, run_id })) }
  }
}

/** Newest first, page by page. A page ends between two ids: those of one id (in several namespaces) stay together. */
function* checkpointsOf({ checkpoints }: Storage, threadId: string): Iterable<CheckpointRow> {
  for (let before: string | null = null; ;) {
    const page = checkpoints.list(threadId, null, { before, limit: PAGE, metadata: null })
    const last = page.at(-1)?.checkpoint_id
    const isEnd = page.length < PAGE
    const whole = isEnd ? page : page.filter((row) => row.checkpoint_id !== last)
    if (!isEnd && whole.length === 0) return yield* checkpoints.list(threadId, null, { before, limit: null, metadata: null })
    yield* whole
    if (isEnd) return
    before = whole.at(-1)!.checkpoint_id
  }
}

/** The pieces that some texts need, parts before wholes, each once in a file. */
function* pieceLines(storage: Storage, texts: readonly string[], written: Set<string>): Iterable<ThreadFileLine> {
  for (const hash of texts.flatMap(pieceRefs)) {
    if (written.has(hash)) continue
    written.add(hash)
    const json = storage.checkpoints.piece(hash)
    yield* pieceLines(storage, [json], written)
    yield { type: 'piece', hash, json }
  }
}

const checkpointLine = ({ checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at }: CheckpointRow): CheckpointLine =>
  ({ type: 'checkpoint', checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, overrides, root, next, tasks, created_at })

function runLine({ run_id, assistant_id, graph_id, status, metadata, kwargs, multitask_strategy, attempt, error, cancel_reason, created_at, updated_at, started_at, ended_at }: RunRow, now: string): RunLine {
  const end = isTerminal(status) ? { status: status as RunLine['status'], ended_at } : { status: 'interrupted' as const, ended_at: now }
  return { type: 'run', run_id, assistant_id, graph_id, metadata, kwargs: { ...kwargs }, multitask_strategy, attempt, error, cancel_reason, created_at, updated_at, started_at, ...end }
}
