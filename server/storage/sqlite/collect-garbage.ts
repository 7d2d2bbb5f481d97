import type { Database } from 'better-sqlite3'
import type { Chores } from './chores.ts'
import type { PieceStore } from './piece-store.ts'

/** Rows looked at in one step. */
const STEP = 50
/** A stored form inside a JSON text is escaped; too many hits only keep a piece alive for longer. */
const REF = /\{\\*"\$\\*":\\*"p\\*",\\*"h\\*":\\*"([\w-]+)/g

interface WriteKey { segment: number, checkpoint_ns: string, checkpoint_id: string, task_id: string, idx: number, epoch: number }
/** Where a cycle is: first all checkpoints, then all writes, then the pieces from the highest id down. */
export type GarbagePlace =
  | { readonly at: 'checkpoints', readonly after: number }
  | { readonly at: 'writes', readonly after: WriteKey }
  | { readonly at: 'pieces', readonly below: number }

export interface GarbageStep { readonly place: GarbagePlace | null, readonly removed: number }

export interface GarbageCollector {
  /**
   * Inside a write: one step of a cycle from `place`, or the first of a new one when pieces may have lost their last reference
   * and `place` is null. The answer's place is null when there is nothing to do, or the cycle came to its end.
   */
  step(place: GarbagePlace | null): GarbageStep
  /** Once the last step is durable: the marks are dropped. */
  end(): void
}

/** The chore of a cycle that has begun: a crash leaves it behind, and another cycle begins. What is deleted meanwhile asks for the next one. */
const ASKED = ''
const BEGUN = 'begun'

/**
 * Mark and sweep in steps, while others write. The marks are one bit for each piece. What checkpoints and writes refer to
 * is marked; then the pieces are walked from the highest id down, and each is either removed or marks its parts, which
 * have lower ids. Whatever is stored or referred to meanwhile is marked as well. Since a piece goes before its parts,
 * none is ever left with a part missing, wherever a crash ends it.
 */
export function createGarbageCollector(db: Database, pieces: PieceStore, chores: Chores): GarbageCollector {
  const highest = db.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM pieces')
  const idOf = db.prepare<[string], { id: number }>('SELECT id FROM pieces WHERE hash = ?')
  const checkpoints = db.prepare<[number], { seq: number, channels: string, overrides: string | null }>(
    `SELECT seq, channels, overrides FROM checkpoints WHERE seq > ? ORDER BY seq LIMIT ${STEP}`)
  const KEY = 'segment, checkpoint_ns, checkpoint_id, task_id, idx, epoch'
  const writes = db.prepare<WriteKey, WriteKey & { value: string }>(`SELECT ${KEY}, value FROM checkpoint_writes
    WHERE (${KEY}) > (@segment, @checkpoint_ns, @checkpoint_id, @task_id, @idx, @epoch) ORDER BY ${KEY} LIMIT ${STEP}`)
  const below = db.prepare<[number], { id: number, has_refs: number }>(`SELECT id, has_refs FROM pieces WHERE id < ? ORDER BY id DESC LIMIT ${STEP}`)
  const json = db.prepare<[number], { json: Uint8Array }>('SELECT json FROM pieces WHERE id = ?')
  const remove = db.prepare('DELETE FROM pieces WHERE id = ?')
  let marks = new Uint8Array()
  let seen = new Set<string>()

  const mark = (id: number) => {
    if (id >> 3 < marks.length) marks[id >> 3]! |= 1 << (id & 7)
  }
  const isMarked = (id: number) => (marks[id >> 3]! & 1 << (id & 7)) !== 0

  /** Rows beside each other mostly refer to the same pieces: what was marked lately is not looked up again. */
  function markRefs(text: string): void {
    for (const [, hash] of text.matchAll(REF)) {
      if (seen.has(hash!)) continue
      if (seen.size >= 10_000) seen.clear()
      seen.add(hash!)
      const row = idOf.get(hash!)
      if (row) mark(row.id)
    }
  }

  function begin(): GarbageStep {
    const top = highest.get()!.id ?? 0
    marks = new Uint8Array((top >> 3) + 1)
    seen = new Set()
    pieces.watch(mark)
    chores.done('pieces', ASKED)
    chores.add('pieces', BEGUN)
    return { place: { at: 'checkpoints', after: 0 }, removed: 0 }
  }

  function markCheckpoints(after: number): GarbagePlace {
    const rows = checkpoints.all(after)
    for (const row of rows) {
      markRefs(row.channels)
      if (row.overrides) markRefs(row.overrides)
    }
    if (rows.length === STEP) return { at: 'checkpoints', after: rows.at(-1)!.seq }
    return { at: 'writes', after: { segment: -1, checkpoint_ns: '', checkpoint_id: '', task_id: '', idx: 0, epoch: 0 } }
  }

  function markWrites(after: WriteKey): GarbagePlace {
    const rows = writes.all(after)
    for (const row of rows) markRefs(row.value)
    const last = rows.length === STEP ? rows.at(-1) : undefined
    return last ? { at: 'writes', after: last } : { at: 'pieces', below: marks.length * 8 }
  }

  function sweep(from: number): GarbageStep {
    const rows = below.all(from)
    let removed = 0
    for (const { id, has_refs } of rows) {
      if (!isMarked(id)) removed += remove.run(id).changes
      else if (has_refs) markRefs(Buffer.from(json.get(id)!.json).toString('utf8'))
    }
    if (rows.length === STEP) return { place: { at: 'pieces', below: rows.at(-1)!.id }, removed }
    chores.done('pieces', BEGUN)
    return { place: null, removed }
  }

  return {
    step: (place) => {
      if (place === null) return chores.first('pieces') === null ? { place: null, removed: 0 } : begin()
      if (place.at === 'checkpoints') return { place: markCheckpoints(place.after), removed: 0 }
      if (place.at === 'writes') return { place: markWrites(place.after), removed: 0 }
      return sweep(place.below)
    },
    end: () => {
      pieces.watch(null)
      marks = new Uint8Array()
      seen.clear()
    },
  }
}
