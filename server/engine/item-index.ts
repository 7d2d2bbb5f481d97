import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ItemIndex } from '../contract/item.ts'
import { madeWith as describe, type StoreIndex } from '../domain/store-config.ts'
import { textsAt } from '../domain/text-at-path.ts'
import { unitVectors } from '../domain/vectors.ts'
import type { JsonObject } from '../contract/common.ts'
import { PlatformError } from '../errors.ts'
import type { ItemStore, ItemVectors, UnindexedItem } from '../storage/storage.ts'
import type { EmbeddingKind, GraphRuntime } from './graph-worker.ts'

/** Items that are embedded with one call. */
const BATCH = 20
/** So many failures in a row say that nothing works for now. */
const PATIENCE = 20

interface Failures { inRow: number, last: Error | null }
interface Indexed { readonly value: JsonObject, readonly index: ItemIndex | null }

export interface ItemIndexer {
  /** What the items are found by, one each. Rejects with `embedding_failed` or `worker_unavailable`. */
  vectorsOf(items: readonly Indexed[]): Promise<ItemVectors[]>
  /** What is asked, to be compared with those. Rejects likewise. */
  query(text: string): Promise<{ vector: Float32Array, madeWith: string }>
  /** Indexes the items that are not, or were with another configuration. What is under way is not begun again, and nothing is done twice. */
  catchUp(goOn: () => boolean): Promise<void>
}

interface Parts { readonly items: ItemStore, readonly runtime: Pick<GraphRuntime, 'embed'>, readonly index: StoreIndex, readonly tell: (text: string) => void }

/** Turns the texts of items into vectors, by the project's embedding function. */
export function createItemIndexer({ items: store, runtime, index, tell }: Parts): ItemIndexer {
  const { dims, fields } = index
  const madeWith = describe(index)
  let isComplete = false
  let underWay: Promise<void> | null = null
  let told = ''

  async function embed(texts: readonly string[], kind: EmbeddingKind): Promise<Float32Array> {
    const vectors = await runtime.embed(texts, kind, dims)
    if (vectors.length !== texts.length * dims) throw new PlatformError('embedding_failed', `store.index.embed: ${texts.length} texts gave ${vectors.length} numbers; with dims ${dims} it must be ${texts.length * dims}.`)
    return unitVectors(vectors, dims)
  }

  async function vectorsOf(items: readonly Indexed[]): Promise<ItemVectors[]> {
    const texts = items.map(({ value, index: paths }) => paths === false ? [] : textsAt(value, paths ?? fields))
    const different = [...new Set(texts.flat())]
    const vectors = different.length ? await embed(different, 'documents') : new Float32Array(0)
    const places = new Map(different.map((text, i) => [text, i * dims]))
    return texts.map((own) => ({ madeWith, vectors: join(own.map((text) => vectors.subarray(places.get(text)!, places.get(text)! + dims)), dims) }))
  }

  async function indexAll(items: readonly UnindexedItem[]): Promise<void> {
    const vectors = await vectorsOf(items)
    await store.index(items.map((item, i) => ({ ...item, vectors: vectors[i]! })))
  }

  /** Those that can be embedded, also where one beside them can't: then each is tried alone. */
  async function indexEach(items: readonly UnindexedItem[], failures: Failures): Promise<void> {
    try {
      await indexAll(items)
      failures.inRow = 0
    } catch (error) {
      if (items.length > 1) {
        for (const item of items) if (failures.inRow < PATIENCE) await indexEach([item], failures)
        return
      }
      failures.inRow++
      failures.last = error as Error
    }
  }

  async function walk(goOn: () => boolean): Promise<void> {
    const failures: Failures = { inRow: 0, last: null }
    for (let page = store.unindexed(madeWith, null); page.last; page = store.unindexed(madeWith, page.last)) {
      for (let i = 0; i < page.items.length; i += BATCH) {
        if (!goOn() || failures.inRow >= PATIENCE) return complain(goOn, failures)
        await indexEach(page.items.slice(i, i + BATCH), failures)
      }
      await nextTurn()
    }
    isComplete = failures.last === null
    complain(goOn, failures)
  }

  function complain(goOn: () => boolean, { last }: Failures): void {
    if (!last || !goOn() || last.message === told) return
    told = last.message
    tell(`Some items can't be found by meaning yet, since their texts were not embedded: ${told}`)
  }

  return {
    vectorsOf,
    query: async (text) => ({ vector: await embed([text], 'query'), madeWith }),
    catchUp: async (goOn) => {
      if (isComplete) return
      underWay ??= walk(goOn).finally(() => { underWay = null })
      await underWay
    },
  }
}

function join(parts: readonly Float32Array[], dims: number): Float32Array {
  const whole = new Float32Array(parts.length * dims)
  parts.forEach((part, i) => whole.set(part, i * dims))
  return whole
}
