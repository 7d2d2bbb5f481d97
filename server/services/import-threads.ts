import { randomUUID } from 'node:crypto'
import type { RunKwargs } from '../contract/run.ts'
import type { ImportedThread, RunLine } from '../contract/thread-file.ts'
import { pieceRefs } from '../domain/piece-refs.ts'
import type { RunRow, Storage, ThreadRow } from '../storage/storage.ts'
import type { Piece, ThreadFile, ThreadInFile } from './read-thread-file.ts'

/** Stores the threads of a checked file, each as a whole or not at all. A thread whose id is taken gets a new one. */
export async function importThreads(storage: Storage, { threads, pieces }: ThreadFile): Promise<ImportedThread[]> {
  const imported: ImportedThread[] = []
  for (const thread of threads) imported.push(await importThread(storage, thread, pieces))
  return imported
}

async function importThread(storage: Storage, { thread: { type: _, ...row }, runs, checkpoints, writes }: ThreadInFile, pieces: ReadonlyMap<string, Piece>): Promise<ImportedThread> {
  const thread_id = storage.threads.get(row.thread_id) ? randomUUID() : row.thread_id
  const runIds = newRunIds(storage, runs)
  const runIdOf = (id: string | null) => id === null ? null : runIds.get(id) ?? null
  const send = createPieceSender(pieces)
  await storage.threads.whenFree(thread_id)
  try {
    // Asked for in one turn of the event loop, so that all of it is one transaction.
    await Promise.all([
      storage.threads.insert({ ...row, thread_id, ttl: null }),
      ...runs.map((run) => storage.runs.create({ run: runRow(run, runIds.get(run.run_id)!, thread_id), newThread: null, onThread: (thread: ThreadRow) => thread, decide: () => ({ kind: 'insert' }) })),
      // The newest is first in a file, and what is put last here: their ids don't tell.
      ...checkpoints.toReversed().map(({ type: _type, ...checkpoint }) =>
        storage.checkpoints.put({ ...checkpoint, thread_id, run_id: runIdOf(checkpoint.run_id) }, send([...Object.values(checkpoint.channels), ...Object.values(checkpoint.overrides ?? {})]))),
      ...writes.map(({ checkpoint_ns, checkpoint_id, writes: list }) =>
        storage.checkpoints.putWrites({ thread_id, checkpoint_ns, checkpoint_id }, list.map((write) => ({ ...write, run_id: runIdOf(write.run_id) })), send(list.map((write) => write.value)))),
    ])
  } catch (error) {
    // What was stored before the disk was full goes again; the error that is told is the first.
    await storage.threads.delete(thread_id).catch(() => {})
    throw error
  }
  return { thread_id, from: row.thread_id, checkpoints: checkpoints.length, runs: runs.length }
}

/** Run ids are unique over all threads: where one is taken, all of the thread's are new. */
function newRunIds(storage: Storage, runs: readonly RunLine[]): Map<string, string> {
  const isTaken = runs.some((run) => storage.runs.get(run.run_id) !== null)
  return new Map(runs.map(({ run_id }) => [run_id, isTaken ? randomUUID() : run_id]))
}

const runRow = ({ type: _, kwargs, ...run }: RunLine, run_id: string, thread_id: string): RunRow =>
  ({ cancel_reason: null, ...run, run_id, thread_id, kwargs: kwargs as unknown as RunKwargs, cancel: null, temporary: false, alone: false, due_at: Date.parse(run.created_at) })

/** The pieces that texts need, with the pieces of these, each given once. */
function createPieceSender(pieces: ReadonlyMap<string, Piece>) {
  const sent = new Set<string>()
  return (texts: readonly string[]): Map<string, Uint8Array> => {
    const wanted = new Map<string, Uint8Array>()
    const visit = (refs: readonly string[]) => {
      for (const ref of refs) {
        if (sent.has(ref)) continue
        sent.add(ref)
        const { bytes, refs: parts } = pieces.get(ref)!
        wanted.set(ref, bytes)
        visit(parts)
      }
    }
    visit(texts.flatMap(pieceRefs))
    return wanted
  }
}
