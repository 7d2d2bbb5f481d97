import type { Database } from 'better-sqlite3'
import type { Chores } from './chores.ts'
import { createGarbageCollector, type GarbagePlace } from './collect-garbage.ts'
import { createSpaceKeeper } from './give-back-space.ts'
import type { PieceStore } from './piece-store.ts'
import type { ThreadRemover } from './remove-threads.ts'
import { createSegmentTrimmer, type TrimPlace } from './trim-segments.ts'
import type { WriteQueue } from './write-queue.ts'

interface Progress { readonly trim: TrimPlace | null, readonly garbage: GarbagePlace | null, readonly collected: boolean, readonly more: boolean }
interface Parts { readonly chores: Chores, readonly pieces: PieceStore, readonly remover: ThreadRemover }

/**
 * All background work, in slices: rows of deleted threads, rows that no thread sees, pieces that nothing refers to, free
 * space. One slice is one write of about `budgetMs`; true while there is more to do. Where it stands is remembered only
 * when the slice is durable: one that was taken back is done again.
 */
export function createMaintenance(db: Database, { write }: WriteQueue, { chores, pieces, remover }: Parts): (budgetMs: number) => Promise<boolean> {
  const trim = createSegmentTrimmer(db, chores)
  const collector = createGarbageCollector(db, pieces, chores)
  const giveBack = createSpaceKeeper(db)
  let progress: Progress = { trim: null, garbage: null, collected: false, more: false }

  /** Rows first, then what they referred to, then the space of both. */
  function step(from: Progress): Progress {
    if (remover.step()) return { ...from, more: true }
    const trimmed = trim(from.trim)
    if (trimmed) return { ...from, trim: trimmed, more: true }
    const { place: garbage } = collector.step(from.garbage)
    if (garbage || from.garbage) return { ...from, garbage, collected: garbage === null, more: true }
    return { ...from, more: giveBack() }
  }

  return async (budgetMs) => {
    progress = await write(() => {
      const deadline = performance.now() + budgetMs
      let at: Progress = { ...progress, collected: false }
      do at = step(at)
      while (at.more && !at.collected && performance.now() < deadline)
      return at
    })
    if (progress.collected) collector.end()
    return progress.more
  }
}
