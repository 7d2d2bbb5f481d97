import type { Database } from 'better-sqlite3'
import { labelHash, labelsToFind, OVERFULL } from '../../domain/metadata-labels.ts'
import type { Page, Sort, ThreadQuery } from '../storage.ts'
import { likeText, toJson } from './json.ts'

/** Rows of `threads` that satisfy one condition, as an index tells them. */
interface RowSet {
  /** A query of their rowids, as `thread`. */
  readonly rows: string
  /** The same as a condition on a rowid. */
  readonly has: (rowid: string) => string
}
interface Conditions {
  readonly sets: readonly RowSet[]
  /** What must be read from the thread itself; null where the sets say it all. */
  readonly check: string | null
  readonly params: Record<string, unknown>
}

const SORTS: Readonly<Record<string, string>> = { thread_id: 'thread_id', status: 'status', created_at: 'created_at', updated_at: 'updated_at', state_updated_at: 'state_updated_at' }
/** More facts of a filter than this are not looked up, but read from what the others leave. */
const MOST_SETS = 8
/** Fetching a thread to sort it costs about as much as passing this many in an index that is sorted. */
const FETCH_COST = 3

export interface ThreadSearch {
  /** Rowids of a page in order, and how many threads match in all: exact, always. */
  find(query: ThreadQuery, sort: Sort, page: Page | null): { rowids: number[], total: number }
}

/**
 * Every condition is a set of rowids in an index. The total is counted over the smallest set; the page is taken either from
 * that set, sorted, or from the index of the sort, from the nearer end, whichever reads less. Threads of the same sort value
 * are in the order they came in.
 */
export function createThreadSearch(db: Database): ThreadSearch {
  const hasOverfull = db.prepare<[bigint], number>('SELECT 1 FROM thread_labels WHERE label = ? LIMIT 1').pluck()
  const countAll = db.prepare<[], number>('SELECT count(*) FROM threads').pluck()
  const count = (sql: string, params: object) => db.prepare<unknown[], number>(sql).pluck().get(params)!

  function bySize({ sets, params }: Conditions): { set: RowSet, size: number }[] {
    return sets.map((set) => ({ set, size: count(`SELECT count(*) FROM (${set.rows})`, params) })).toSorted((a, b) => a.size - b.size)
  }

  return {
    find: (query, sort, page) => {
      const conditions = conditionsOf(query, hasOverfull.get(labelHash(OVERFULL)) === 1)
      const { check, params } = conditions
      const [smallest, ...others] = bySize(conditions)
      const isCounted = others.length === 0 && !check
      const all = countAll.get()!
      const total = !smallest ? all : isCounted ? smallest.size : count(matching('count(*)', smallest.set, others.map(({ set }) => set), check), params)
      const offset = page?.offset ?? 0
      const limit = Math.min(page?.limit ?? total, total - offset)
      if (limit <= 0) return { rowids: [], total }

      const passed = (Math.min(offset, total - offset - limit) + limit) * all / total
      const isNarrow = smallest !== undefined && smallest.size * FETCH_COST < passed
      const fromEnd = !isNarrow && offset > total - offset - limit
      const column = SORTS[sort.by] ?? 'created_at'
      const order = sort.descending === fromEnd ? 'ASC' : 'DESC'
      const sets = conditions.sets.filter((set) => !isNarrow || set !== smallest.set)
      const select = matching('t.rowid', isNarrow ? smallest.set : null, sets, check)
      const rowids = db.prepare<unknown[], number>(`${select} ORDER BY t.${column} ${order}, t.rowid ${order} LIMIT @limit OFFSET @offset`).pluck()
        .all({ ...params, limit, offset: fromEnd ? total - offset - limit : offset })
      return { rowids: fromEnd ? rowids.toReversed() : rowids, total }
    },
  }
}

/** CROSS JOIN keeps SQLite from turning the order of the two around. */
function matching(what: string, from: RowSet | null, sets: readonly RowSet[], check: string | null): string {
  const where = [...sets.map((set) => set.has(from ? 'c.thread' : 't.rowid')), ...(check ? [check] : [])]
  const isFetched = what !== 'count(*)' || check !== null
  const source = from ? `(${from.rows}) c${isFetched ? ' CROSS JOIN threads t ON t.rowid = c.thread' : ''}` : 'threads t'
  return `SELECT ${what} FROM ${source}${where.length ? ` WHERE ${where.join(' AND ')}` : ''}`
}

function conditionsOf(query: ThreadQuery, hasOverfull: boolean): Conditions {
  const { graph_id, status, ids, text } = query
  const filter = { ...query.metadata, ...(typeof graph_id === 'string' ? { graph_id } : {}) }
  const { labels, areAll } = labelsToFind(filter, MOST_SETS)
  const sets = [
    ...labels.map((_, i) => labelSet(hasOverfull ? `@label${i}, @overfull` : `@label${i}`)),
    ...(status ? [STATUS] : []), ...(ids ? [IDS] : []), ...(text ? [textSet(text)] : []),
  ]
  const params = {
    ...Object.fromEntries(labels.map((label, i) => [`label${i}`, labelHash(label)])), overfull: labelHash(OVERFULL),
    filter: toJson(filter), status: status ?? null, ids: toJson(ids ?? []), ...textParams(text ?? ''),
  }
  return { sets, check: labels.length && (!areAll || hasOverfull) ? 'metadata_contains(t.metadata, @filter)' : null, params }
}

const labelSet = (labels: string): RowSet => ({
  rows: `SELECT thread FROM thread_labels WHERE label IN (${labels})`,
  has: (rowid) => `EXISTS (SELECT 1 FROM thread_labels WHERE label IN (${labels}) AND thread = ${rowid})`,
})
/** By its index in both directions: a thread's row is large beside it. */
const STATUS: RowSet = {
  rows: 'SELECT rowid AS thread FROM threads WHERE status = @status',
  has: (rowid) => `EXISTS (SELECT 1 FROM threads s INDEXED BY threads_by_status WHERE s.status = @status AND s.rowid = ${rowid})`,
}
const listSet = (rows: string): RowSet => ({ rows, has: (rowid) => `${rowid} IN (${rows})` })
const IDS = listSet('SELECT rowid AS thread FROM threads WHERE thread_id IN (SELECT value FROM json_each(@ids))')

/** Any part of a title, or the beginning of an id. The index of titles knows runs of three characters; shorter texts are looked for in all titles. */
function textSet(text: string): RowSet {
  const title = [...text].length < 3 ? `title LIKE @like ESCAPE '\\'` : 'thread_titles MATCH @phrase'
  return listSet(`SELECT rowid AS thread FROM thread_titles WHERE ${title}
    UNION SELECT rowid FROM threads WHERE thread_id >= @idFrom AND thread_id < @idTo`)
}

function textParams(text: string) {
  const id = text.toLowerCase()
  return { like: likeText(text), phrase: `"${text.replaceAll('\0', ' ').replaceAll('"', '""')}"`, idFrom: id, idTo: `${id}\u{10ffff}` }
}
