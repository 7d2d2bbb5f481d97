import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareNamespaces } from '../../domain/namespace.ts'
import { unitVectors } from '../../domain/vectors.ts'
import type { ItemWrite, Storage } from '../storage.ts'
import { itemWrite } from '../testing/rows.ts'
import { openDatabase } from './open-database.ts'
import { createSqliteStorage, createStorageOn } from './sqlite-storage.ts'

let storage: Storage
beforeEach(() => { storage = createSqliteStorage(':memory:') })
afterEach(() => storage.close())

const clear = async () => storage.items.put((await storage.items.search({ limit: 1000 }, 0)).map((item) => itemWrite(item.namespace, item.key, null)), 0)
const label = fc.constantFrom('a', 'b', 'ab', 'a,b', 'a"', '"]', '*', 'é', '😀', ' ', '\\')
const namespace = fc.array(label, { minLength: 1, maxLength: 3 })
const pattern = fc.array(fc.oneof(label, fc.constant('*')), { maxLength: 3 })
const scalar = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('x', 'y', '', '1'), fc.boolean(), fc.constant(null))
const value = fc.record({ n: scalar, m: fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })) }, { requiredKeys: [] })
const write = fc.record({ namespace, key: fc.constantFrom('k', 'l', '"', 'é'), value, at: fc.integer({ min: 0, max: 3 }) })

interface Put { namespace: string[], key: string, value: Record<string, unknown>, at: number }

/** What a store is: the last put of each place, in the order of time. */
class Model {
  readonly #items = new Map<string, Put>()
  put(item: Put): void { this.#items.set(JSON.stringify([item.namespace, item.key]), item) }
  get all(): Put[] { return [...this.#items.values()] }
}

async function fill(puts: readonly Put[]): Promise<Model> {
  await clear()
  const model = new Model()
  for (const put of [...puts].sort((a, b) => a.at - b.at)) {
    model.put(put)
    await storage.items.put([itemWrite(put.namespace, put.key, put.value)], put.at)
  }
  return model
}

const isBelow = (labels: readonly string[], prefix: readonly string[]) => prefix.length <= labels.length && prefix.every((part, i) => part === '*' || part === labels[i])
const isAbove = (labels: readonly string[], suffix: readonly string[]) => isBelow([...labels].reverse(), [...suffix].reverse())
const placeOf = ({ namespace: labels, key }: { namespace: readonly string[], key: string }) => JSON.stringify([labels, key])

test('a search finds what is below the prefix, the newest first, and pages join to the whole', async () => {
  await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 12 }), pattern, fc.integer({ min: 1, max: 5 }), async (puts, prefix, size) => {
    const model = await fill(puts)
    const whole = await storage.items.search({ namespace_prefix: prefix, limit: 1000 }, 10)
    expect(whole.map(placeOf).sort()).toEqual(model.all.filter((item) => isBelow(item.namespace, prefix)).map(placeOf).sort())
    const times = whole.map((item) => item.updated_at)
    expect(times).toEqual([...times].sort().reverse())
    const pages = []
    for (let offset = 0; offset < whole.length; offset += size) pages.push(...await storage.items.search({ namespace_prefix: prefix, limit: size, offset }, 10))
    expect(pages).toEqual(whole)
  }), { numRuns: 60 })
})

test('namespaces are those of the items, cut and told once, in the order of their labels', async () => {
  await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 12 }), pattern, pattern, fc.option(fc.integer({ min: 1, max: 3 })), fc.integer({ min: 1, max: 4 }), async (puts, prefix, suffix, depth, size) => {
    const model = await fill(puts)
    const expected = new Map(model.all.filter((item) => isBelow(item.namespace, prefix) && isAbove(item.namespace, suffix))
      .map((item) => item.namespace.slice(0, depth ?? undefined)).map((labels) => [JSON.stringify(labels), labels]))
    const whole = storage.items.namespaces({ prefix, suffix, max_depth: depth, limit: 1000 }, 10)
    expect(whole.map((labels) => JSON.stringify(labels)).sort()).toEqual([...expected.keys()].sort())
    for (const [i, labels] of whole.entries()) if (i > 0) expect(compareNamespaces(whole[i - 1]!, labels)).toBeLessThan(0)
    const pages = []
    for (let offset = 0; offset < whole.length; offset += size) pages.push(...storage.items.namespaces({ prefix, suffix, max_depth: depth, limit: size, offset }, 10))
    expect(pages).toEqual(whole)
  }), { numRuns: 60 })
})

const operator = fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte')
const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

function holds(actual: unknown, name: string, wanted: unknown): boolean {
  if (name === '$eq') return sameJson(actual, wanted)
  if (name === '$ne') return !sameJson(actual, wanted)
  if (typeof actual !== typeof wanted || !['number', 'string'].includes(typeof actual)) return false
  const [a, b] = [actual as number, wanted as number]
  return name === '$gt' ? a > b : name === '$gte' ? a >= b : name === '$lt' ? a < b : a <= b
}

test('a filter lets through what a plain reading of it does', async () => {
  const rule = fc.oneof(scalar.map((wanted) => ({ bare: wanted })), fc.array(fc.tuple(operator, fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }))), { minLength: 1, maxLength: 2 }).map((rules) => ({ rules: Object.fromEntries(rules) })))
  await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 8 }), fc.dictionary(fc.constantFrom('n', 'm', 'toString'), rule, { maxKeys: 2, noNullPrototype: true }), async (puts, rules) => {
    const model = await fill(puts)
    const filter = Object.fromEntries(Object.entries(rules).map(([key, one]) => [key, 'bare' in one ? one.bare : one.rules]))
    const expected = model.all.filter((item) => Object.entries(rules).every(([key, one]) => {
      const actual = Object.hasOwn(item.value, key) ? item.value[key] : undefined
      return Object.entries('bare' in one ? { $eq: one.bare } : one.rules).every(([name, wanted]) => holds(actual, name, wanted))
    }))
    expect((await storage.items.search({ filter, limit: 1000 }, 10)).map(placeOf).sort()).toEqual(expected.map(placeOf).sort())
  }), { numRuns: 60 })
})

describe('vectors', () => {
  const DIMS = 3
  const vector = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: DIMS, maxLength: DIMS })
  const cosine = (a: readonly number[], b: readonly number[]) => {
    const [product, lengths] = [a.reduce((sum, n, i) => sum + n * b[i]!, 0), Math.hypot(...a) * Math.hypot(...b)]
    return lengths === 0 ? 0 : product / lengths
  }
  const madeOf = (vectors: readonly number[][], madeWith = 'now') => ({ madeWith, vectors: unitVectors(Float32Array.from(vectors.flat()), DIMS) })

  test('rank items by the cosine of the nearest of their own; those without any are left out', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.array(vector, { maxLength: 3 })), { selector: ([key]) => key, maxLength: 10 }), vector, async (items, query) => {
      await clear()
      await storage.items.put(items.map(([key, vectors]): ItemWrite => itemWrite(['n'], `${key}`, {}, { vectors: madeOf(vectors) })), 0)
      const found = await storage.items.search({ limit: 1000, query: { vector: madeOf([query]).vectors, madeWith: 'now' } }, 0)
      const best = new Map(items.filter(([, vectors]) => vectors.length).map(([key, vectors]) => [`${key}`, Math.max(...vectors.map((one) => cosine(one, query)))]))
      expect(found).toHaveLength(best.size)
      for (const [i, { key, score }] of found.entries()) {
        expect(score).toBeCloseTo(best.get(key)!, 5)
        if (i > 0) expect(found[i - 1]!.score!).toBeGreaterThanOrEqual(score!)
      }
    }), { numRuns: 60 })
  })

  test('of another making are not looked at, are told of, and replaced', async () => {
    const item = (key: string, madeWith: string) => itemWrite(['n'], key, { key }, { vectors: madeOf([[1, 0, 0]], madeWith) })
    await storage.items.put([item('old', 'before'), item('new', 'now'), itemWrite(['n'], 'bare', {}, { index: ['a'] })], 0)
    const keys = async () => (await storage.items.search({ query: { vector: madeOf([[1, 0, 0]]).vectors, madeWith: 'now' } }, 0)).map(({ key }) => key)
    expect(await keys()).toEqual(['new'])
    const { items, last } = storage.items.unindexed('now', null)
    expect(items).toEqual([{ namespace: ['n'], key: 'bare', value: {}, index: ['a'] }, { namespace: ['n'], key: 'old', value: { key: 'old' }, index: null }])
    expect(storage.items.unindexed('now', last)).toEqual({ items: [], last: null })
    // Meanwhile one is put anew, with a vector, and another is removed.
    await storage.items.put([itemWrite(['n'], 'old', {}, { vectors: madeOf([[0, 1, 0]]) }), itemWrite(['n'], 'bare', null)], 1)
    await storage.items.index(items.map((one) => ({ ...one, vectors: madeOf([[1, 0, 0]]) })))
    const scored = await storage.items.search({ query: { vector: madeOf([[1, 0, 0]]).vectors, madeWith: 'now' } }, 0)
    expect(scored.map(({ key, score }) => [key, score])).toEqual([['new', 1], ['old', 0]])
  })

  test('go with their item, however it goes', async () => {
    const db = openDatabase(':memory:')
    const { items, close } = createStorageOn(db)
    const left = () => db.prepare('SELECT key FROM item_vectors ORDER BY key').pluck().all()
    await items.put(['deleted', 'over', 'changed', 'kept'].map((key) => itemWrite(['n'], key, {}, { ttl: key === 'over' ? 1 : null, vectors: madeOf([[1, 0, 0]]) })), 0)
    await items.put([itemWrite(['n'], 'deleted', null), itemWrite(['n'], 'changed', { n: 1 })], 1)
    expect(left()).toEqual(['kept', 'over'])
    expect(await items.expire(60_000)).toBe(false)
    expect(left()).toEqual(['kept'])
    await close()
  })

  test('of 3,000 items are looked at without keeping others waiting', async () => {
    const dims = 384
    const random = (seed: number) => Float32Array.from({ length: dims }, (_, i) => Math.sin(seed * 7919 + i * 104729))
    const vectors = Array.from({ length: 3000 }, (_, i) => unitVectors(random(i), dims))
    await storage.items.put(vectors.map((one, i) => itemWrite(['n', `${i % 10}`], `${i}`, { i }, { vectors: { madeWith: 'now', vectors: one } })), 0)
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const [best] = await storage.items.search({ limit: 1, query: { vector: vectors[1234]!, madeWith: 'now' } }, 0)
    isOver = true
    expect(best).toMatchObject({ key: '1234', score: expect.closeTo(1, 5) as number })
    expect(turns).toBeGreaterThan(0)
  })
})
