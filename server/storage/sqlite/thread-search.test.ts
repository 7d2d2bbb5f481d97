import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../contract/common.ts'
import { contains } from '../../domain/contains.ts'
import type { Storage, ThreadQuery, ThreadRow } from '../storage.ts'
import { threadRow } from '../testing/rows.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

const thread = (thread_id: string, change: Partial<ThreadRow> = {}) => threadRow(thread_id, { created_at: 't0', updated_at: 't0', state_updated_at: 't0', ...change })
const BY_ID = { by: 'thread_id', descending: false }
const found = (storage: Storage, query: ThreadQuery) => {
  const { rows, total } = storage.threads.search(query, BY_ID, null)
  expect(total).toBe(rows.length)
  return rows.map((row) => row.thread_id)
}

async function withThreads<T>(threads: readonly ThreadRow[], use: (storage: Storage) => Promise<T> | T): Promise<T> {
  const storage = createSqliteStorage(':memory:')
  try {
    await Promise.all(threads.map((row) => storage.threads.insert(row)))
    return await use(storage)
  } finally {
    await storage.close()
  }
}

// Few keys and values, so that filters hit; among them what is easily confused.
const key = fc.constantFrom('a', 'b', 'a"b', '__proto__', 'ü', 'x\u0000y', '[]')
const scalar = fc.constantFrom<unknown>(null, true, false, 0, -0, 1, 1.5, '1', '', 'ada', 'ädä', 'x\u0000y', '\ud800', 'null', '[]', '{}')
const { node } = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalar, fc.array(tie('node'), { maxLength: 3 }), fc.dictionary(key, tie('node'), { maxKeys: 3 })),
}))
const document = fc.dictionary(key, node, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>
/** As the wire brings it and the database keeps it. */
const sent = (value: JsonObject) => JSON.parse(JSON.stringify(value)) as JsonObject

/** Filters that a document does contain, or nearly. */
const part = (value: unknown, keep: () => boolean): unknown => {
  if (Array.isArray(value)) return value.filter(keep).map((item: unknown) => part(item, keep))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(keep).map(([name, inner]) => [name, part(inner, keep)]))
}

test('a filter by metadata finds exactly the threads whose metadata contains it', async () => {
  await fc.assert(fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 8 }), document, fc.infiniteStream(fc.boolean()), async (documents, other, coins) => {
    const keep = () => coins.next().value as boolean
    const metadata = documents.map(sent)
    const filters = [sent(other), ...metadata.map((whole) => part(whole, keep) as JsonObject)]
    await withThreads(metadata.map((whole, i) => thread(`t${i}`, { metadata: whole })), (storage) => {
      for (const filter of filters)
        expect(found(storage, { metadata: filter })).toEqual(metadata.flatMap((whole, i) => contains(whole, filter) ? [`t${i}`] : []))
    })
  }), { numRuns: 100 })
})

test('an item of a list must have all of what is asked of it, also where the index knows the facts one by one', () =>
  withThreads([
    thread('together', { metadata: { people: [{ name: 'ada', role: 'lead' }] } }),
    thread('apart', { metadata: { people: [{ name: 'ada', role: 'dev' }, { name: 'bob', role: 'lead' }] } }),
  ], (storage) => {
    expect(found(storage, { metadata: { people: [{ name: 'ada', role: 'lead' }] } })).toEqual(['together'])
    expect(found(storage, { metadata: { people: [{ name: 'ada' }, { role: 'lead' }] } })).toEqual(['apart', 'together'])
  }))

test('metadata too large or too deep for the index is found all the same', async () => {
  const large = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]))
  const deep = Array.from({ length: 500 }).reduce<JsonObject>((inner) => ({ in: inner }), { bottom: true })
  await withThreads([thread('deep', { metadata: deep }), thread('large', { metadata: { ...large, user: 'ada' } }), thread('small', { metadata: { user: 'ada' } })], async (storage) => {
    expect(found(storage, { metadata: { user: 'ada' } })).toEqual(['large', 'small'])
    expect(found(storage, { metadata: large })).toEqual(['large'])
    expect(found(storage, { metadata: deep })).toEqual(['deep'])
    await storage.threads.patch('large', (row) => ({ ...row, metadata: { user: 'bob' } }))
    expect(found(storage, { metadata: { user: 'ada' } })).toEqual(['small'])
    expect(found(storage, { metadata: { user: 'bob' } })).toEqual(['large'])
  })
})

test('every page of every order is a part of the same list, from both ends', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => thread(`t${(i * 7) % 60}`.padEnd(4, '-'), {
    status: (['idle', 'busy', 'error', 'interrupted'] as const)[i % 4]!, metadata: { third: i % 3, half: i % 2 },
    created_at: `c${i % 5}`, updated_at: `u${(i * 11) % 7}`, state_updated_at: `s${(i * 13) % 60}`,
  }))
  await withThreads(rows, (storage) => {
    const queries: ThreadQuery[] = [{}, { status: 'error' }, { metadata: { third: 1 } }, { metadata: { third: 1, half: 0 } }, { metadata: { half: 1 }, status: 'busy' }, { ids: rows.slice(0, 9).map((row) => row.thread_id) }]
    const matches = (row: ThreadRow, query: ThreadQuery) => (!query.status || row.status === query.status) && contains(row.metadata, query.metadata ?? {}) && (!query.ids || query.ids.includes(row.thread_id))
    for (const query of queries)
      for (const by of ['thread_id', 'status', 'created_at', 'updated_at', 'state_updated_at'] as const)
        for (const descending of [true, false]) {
          const all = rows.filter((row) => matches(row, query)).toSorted((a, b) => a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0)
          const expected = (descending ? rows.toReversed().filter((row) => matches(row, query)).toSorted((a, b) => a[by] < b[by] ? 1 : a[by] > b[by] ? -1 : 0) : all).map((row) => row.thread_id)
          for (const offset of [0, 7, 25, 50, 59, 99]) {
            const page = storage.threads.search(query, { by, descending }, { limit: 7, offset })
            expect(page.total).toBe(expected.length)
            expect(page.rows.map((row) => row.thread_id)).toEqual(expected.slice(offset, offset + 7))
          }
        }
  })
})

test('a text is looked for anywhere in titles, whatever its case, and at the beginning of ids', () =>
  withThreads([
    thread('aa11', { title: 'Refund for Ärzte 100%' }), thread('bb22', { title: 'The "refund" of aa' }), thread('cc33', { title: '請求書の確認' }), thread('dd44'),
  ], async (storage) => {
    expect(found(storage, { text: 'REFUND' })).toEqual(['aa11', 'bb22'])
    expect(found(storage, { text: '"refund"' })).toEqual(['bb22'])
    expect(found(storage, { text: 'ärz' })).toEqual(['aa11'])
    expect(found(storage, { text: '0%' })).toEqual(['aa11'])
    expect(found(storage, { text: '請求' })).toEqual(['cc33'])
    expect(found(storage, { text: 'AA' })).toEqual(['aa11', 'bb22'])
    expect(found(storage, { text: 'dd44' })).toEqual(['dd44'])
    expect(found(storage, { text: 'x\u0000y' })).toEqual([])
    await storage.threads.patch('aa11', (row) => ({ ...row, title: 'Paid' }))
    expect(found(storage, { text: 'refund' })).toEqual(['bb22'])
    expect(found(storage, { text: 'paid' })).toEqual(['aa11'])
    await storage.threads.patch('dd44', (row) => ({ ...row, title: 'refund' }))
    await storage.threads.patch('aa11', (row) => ({ ...row, title: null }))
    expect(found(storage, { text: 'paid' })).toEqual([])
    await storage.threads.delete('bb22')
    expect(found(storage, { text: 'refund' })).toEqual(['dd44'])
    await storage.threads.delete('dd44')
    expect(found(storage, { text: 'refund' })).toEqual([])
  }))
