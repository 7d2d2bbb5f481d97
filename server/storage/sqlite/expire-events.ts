import type { Database } from 'better-sqlite3'

/** Events removed, or runs looked at, in one step. */
const STEP = 200

export interface ExpiryStep { readonly removed: number, readonly after: string | null }

/**
 * Removes events of runs that ended before a moment, or are gone. One step inside a write: it walks from run to run of those
 * that have events, `after` tells where the last step stopped; null when it came to the end.
 */
export function createEventExpiry(db: Database): (endedBefore: string, after: string) => ExpiryStep {
  const nextRun = db.prepare<[string], { run_id: string }>('SELECT run_id FROM events WHERE run_id > ? ORDER BY run_id LIMIT 1')
  const stays = db.prepare<[string, string], { one: 1 }>('SELECT 1 AS one FROM runs WHERE run_id = ? AND (ended_at IS NULL OR ended_at >= ?)')
  const remove = db.prepare(`DELETE FROM events WHERE (thread_id, seq) IN (SELECT thread_id, seq FROM events WHERE run_id = ? LIMIT ?)`)

  return (endedBefore, after) => {
    let removed = 0
    let place = after
    for (let looked = 0; looked < STEP; looked++) {
      const run = nextRun.get(place)
      if (!run) return { removed, after: null }
      if (!stays.get(run.run_id, endedBefore)) removed += remove.run(run.run_id, STEP - removed).changes
      // The rest of its events is for the next step.
      if (removed >= STEP) return { removed, after: place }
      place = run.run_id
    }
    return { removed, after: place }
  }
}
