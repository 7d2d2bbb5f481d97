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
 * Every condition is a set of rowids in an index. A page is taken from the smallest set, which is then read and sorted as a
 * whole, or from the index of the sort, from the nearer end, whichever reads less. Threads of the same sort value are in the
 * order they came in.
 */
export function createThreadSearch(db: Database): ThreadSearch {
  const hasOverfull = db.prepare<[bigint], number>('SELECT 1 FROM thread_labels WHERE label = ? LIMIT 1').pluck()
  const countAll = db.prepare<[], number>('SELECT count(*) FROM threads WHERE temporary = 0').pluck()
  const numbers = (sql: string, params: object) => db.prepare<unknown[], number>(sql).pluck().all(params)

  function bySize({ sets, params }: Conditions): { set: RowSet, size: number }[] {
    return sets.map((set) => ({ set, size: numbers(`SELECT count(*) FROM (${set.rows})`, params)[0]! })).toSorted((a, b) => a.size - b.size)
  }

  /** Read as a whole, so its length is the total. */
  function fromSet({ sets, check, params }: Conditions, from: RowSet, sort: Sort, page: Page | null) {
    const others = sets.filter((set) => set !== from)
    const rowids = numbers(`${matching('t.rowid', from, others, check)} ${orderOf(sort, false)}`, params)
    return { total: rowids.length, rowids: page ? rowids.slice(page.offset, page.offset + page.limit) : rowids }
  }

  function fromSort({ sets, params }: Conditions, total: number, sort: Sort, page: Page | null) {
    const offset = page?.offset ?? 0
    const limit = Math.max(0, Math.min(page?.limit ?? total, total - offset))
    const fromEnd = offset > total - offset - limit
    const rowids = numbers(`${matching('t.rowid', null, sets, null)} ${orderOf(sort, fromEnd)} LIMIT @limit OFFSET @offset`,
      { ...params, limit, offset: fromEnd ? Math.max(0, total - offset - limit) : offset })
    return { total, rowids: fromEnd ? rowids.toReversed() : rowids }
  }

  return {
    find: (query, sort, page) => {
      const conditions = conditionsOf(query, hasOverfull.get(labelHash(OVERFULL)) === 1)
      const all = countAll.get()!
      const [smallest, ...others] = bySize(conditions)
      if (!smallest) return fromSort(conditions, all, sort, page)
      if (conditions.check || smallest.size * FETCH_COST < passedFor(page, smallest.size, all)) return fromSet(conditions, smallest.set, sort, page)
      const total = others.length === 0 ? smallest.size : numbers(matching('count(*)', smallest.set, others.map(({ set }) => set), null), conditions.params)[0]!
      return fromSort(conditions, total, sort, page)
    },
  }
}

/** How many entries of the sort's index a page passes, where `matching` of `all` threads match. */
function passedFor(page: Page | null, matching: number, all: number): number {
  if (!page || matching === 0) return all
  return (Math.min(page.offset, Math.max(0, matching - page.offset - page.limit)) + page.limit) * all / matching
}

function orderOf(sort: Sort, isReversed: boolean): string {
  const column = SORTS[sort.by] ?? 'created_at'
  const direction = sort.descending === isReversed ? 'ASC' : 'DESC'
  return `ORDER BY t.${column} ${direction}, t.rowid ${direction}`
}

/** CROSS JOIN keeps SQLite from turning the order of the two around. */
function matching(what: string, from: RowSet | null, sets: readonly RowSet[], check: string | null): string {
  const where = [...(from ? [] : ['t.temporary = 0']), ...sets.map((set) => set.has(from ? 'c.thread' : 't.rowid')), ...(check ? [check] : [])]
  const source = from ? `(${from.rows}) c${what === 'count(*)' ? '' : ' CROSS JOIN threads t ON t.rowid = c.thread'}` : 'threads t'
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
  rows: 'SELECT rowid AS thread FROM threads WHERE status = @status AND temporary = 0',
  has: (rowid) => `EXISTS (SELECT 1 FROM threads s INDEXED BY threads_by_status WHERE s.status = @status AND s.temporary = 0 AND s.rowid = ${rowid})`,
}
const IDS: RowSet = {
  rows: 'SELECT rowid AS thread FROM threads WHERE temporary = 0 AND thread_id IN (SELECT value FROM json_each(@ids))',
  has: (rowid) => `${rowid} IN (SELECT rowid FROM threads WHERE thread_id IN (SELECT value FROM json_each(@ids)))`,
}

/**
 * Any part of a title, or the beginning of an id. The index of titles knows runs of three characters and tells all rows at
 * once, the plus sign has them asked one by one; shorter texts are looked for in each title.
 */
function textSet(text: string): RowSet {
  const isShort = [...text].length < 3
  const matches = isShort ? `title LIKE @like ESCAPE '\\'` : 'thread_titles MATCH @phrase'
  const hasTitle = (rowid: string) => isShort
    ? `EXISTS (SELECT 1 FROM thread_titles WHERE rowid = ${rowid} AND ${matches})`
    : `+${rowid} IN (SELECT rowid FROM thread_titles WHERE ${matches})`
  const hasId = 'i.thread_id >= @idFrom AND i.thread_id < @idTo AND i.temporary = 0'
  return {
    rows: `SELECT rowid AS thread FROM thread_titles WHERE ${matches} UNION ALL SELECT i.rowid FROM threads i WHERE ${hasId} AND NOT ${hasTitle('i.rowid')}`,
    has: (rowid) => `(${hasTitle(rowid)} OR EXISTS (SELECT 1 FROM threads i WHERE i.rowid = ${rowid} AND ${hasId}))`,
  }
}

function textParams(text: string) {
  const id = text.toLowerCase()
  return { like: likeText(text), phrase: `"${text.replaceAll('\0', ' ').replaceAll('"', '""')}"`, idFrom: id, idTo: `${id}\u{10ffff}` }
}
