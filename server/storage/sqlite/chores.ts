import type { Database } from 'better-sqlite3'

export type ChoreKind = 'thread' | 'segment' | 'pieces'

/** What is left to do in the background. Kept in the database, in the transaction that made it necessary: no crash forgets it. */
export interface Chores {
  add(kind: ChoreKind, key: string): void
  has(kind: ChoreKind, key: string): boolean
  first(kind: ChoreKind): string | null
  done(kind: ChoreKind, key: string): void
}

export function createChores(db: Database): Chores {
  const add = db.prepare('INSERT INTO chores (kind, key) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const has = db.prepare<[string, string], { one: 1 }>('SELECT 1 AS one FROM chores WHERE kind = ? AND key = ?')
  const first = db.prepare<[string], { key: string }>('SELECT key FROM chores WHERE kind = ? LIMIT 1')
  const done = db.prepare('DELETE FROM chores WHERE kind = ? AND key = ?')
  return {
    add: (kind, key) => void add.run(kind, key),
    has: (kind, key) => has.get(kind, key) !== undefined,
    first: (kind) => first.get(kind)?.key ?? null,
    done: (kind, key) => void done.run(kind, key),
  }
}
