import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, Statement } from 'better-sqlite3'
import type { FoundItem, Item } from '../../contract/item.ts'
import { matchesFilter } from '../../domain/item-filter.ts'
import { literalPrefix, namespaceMatches } from '../../domain/namespace.ts'
import { bestScore } from '../../domain/vectors.ts'
import type { ItemLookup, ItemPlace, ItemStore } from '../storage.ts'
import { fromJson, toJson } from './json.ts'

/** What is over is not there, for readers at `@now`. */
export const IN_TIME = '(expires_at IS NULL OR expires_at > @now)'

const PAGE = 100
const SLICE_MS = 5
/** So many more than are asked for are kept before the lesser ones are dropped. */
const SPARE = 1000

interface Candidate { readonly namespace: string, readonly key: string, readonly updated_at: string, readonly value: string | null, readonly vectors: Uint8Array | null }
interface Ranked { readonly namespace: string, readonly key: string, readonly updated_at: string, readonly score: number | null }

/**
 * Looks at every item below a prefix, a page at a time, and keeps the best: scores are exact. Values and vectors are read only
 * where they are looked at.
 */
export function createItemSearch(db: Database, get: (at: ItemPlace, now: number) => Item | null): ItemStore['search'] {
  const statements = new Map<string, Statement<unknown[], Candidate>>()

  function pagesOf(hasFilter: boolean, hasQuery: boolean): Statement<unknown[], Candidate> {
    const sql = `SELECT i.namespace, i.key, updated_at, ${hasFilter ? 'value' : 'NULL'} AS value, ${hasQuery ? 'vectors' : 'NULL'} AS vectors FROM items i
      ${hasQuery ? 'LEFT JOIN item_vectors v ON v.namespace = i.namespace AND v.key = i.key AND made_with = @madeWith' : ''}
      WHERE (i.namespace, i.key) > (@namespace, @key) AND i.namespace <= @last AND ${IN_TIME} ORDER BY i.namespace, i.key LIMIT ${PAGE}`
    const statement = statements.get(sql) ?? db.prepare<unknown[], Candidate>(sql)
    statements.set(sql, statement)
    return statement
  }

  async function* pages({ namespace_prefix, filter, query }: ItemLookup, now: number): AsyncGenerator<Candidate[]> {
    const statement = pagesOf(!!filter, !!query)
    const { first, last } = rangeBelow(literalPrefix(namespace_prefix ?? []))
    let since = performance.now()
    for (let place = { namespace: first, key: '' }; ;) {
      const rows = statement.all({ namespace: place.namespace, key: place.key, last, now, ...(query ? { madeWith: query.madeWith } : {}) })
      yield rows
      if (rows.length < PAGE) return
      place = rows.at(-1)!
      if (performance.now() - since < SLICE_MS) continue
      await nextTurn()
      since = performance.now()
    }
  }

  return async (lookup, now) => {
    const { namespace_prefix, filter, query } = lookup
    const [from, until] = [lookup.offset ?? 0, (lookup.offset ?? 0) + (lookup.limit ?? 10)]
    const isBelow = namespace_prefix?.includes('*') ? (text: string) => namespaceMatches(fromJson<string[]>(text), namespace_prefix, []) : () => true
    const rank = ({ namespace, key, updated_at, value, vectors }: Candidate): Ranked[] => {
      const score = query ? vectors && bestScore(floatsIn(vectors), query.vector) : null
      if ((query && score === null) || !isBelow(namespace) || (filter && !matchesFilter(fromJson(value!), filter))) return []
      return [{ namespace, key, updated_at, score }]
    }
    let best: Ranked[] = []
    for await (const rows of pages(lookup, now)) {
      best.push(...rows.flatMap(rank))
      if (best.length >= until + SPARE) best = best.sort(byRank).slice(0, until)
    }
    return best.sort(byRank).slice(from, until).flatMap(({ namespace, key, score }): FoundItem[] => {
      const item = get({ namespace: fromJson<string[]>(namespace), key }, now)
      return item ? [{ ...item, score }] : []
    })
  }
}

/** Below a prefix of labels is the text of the prefix and what goes on with a comma or the bracket; no other text lies between these. */
function rangeBelow(prefix: readonly string[]): { first: string, last: string } {
  const open = toJson(prefix).slice(0, -1)
  return prefix.length ? { first: `${open},`, last: `${open}]` } : { first: open, last: ']' }
}

function byRank(a: Ranked, b: Ranked): number {
  if (a.score !== b.score) return b.score! - a.score!
  if (a.updated_at !== b.updated_at) return a.updated_at > b.updated_at ? -1 : 1
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return a.key < b.key ? -1 : 1
}

/** A view of the bytes where they stand, which is at a multiple of four nearly always. */
function floatsIn(bytes: Uint8Array): Float32Array {
  const at = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Float32Array(at.buffer, at.byteOffset, at.byteLength / 4)
}
