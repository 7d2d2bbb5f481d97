import type { Database } from 'better-sqlite3'
import type { JsonObject } from '../../contract/common.ts'
import type { Item, ItemIndex } from '../../contract/item.ts'
import { compareNamespaces, namespaceMatches } from '../../domain/namespace.ts'
import type { ItemPlace, ItemStore, ItemWrite } from '../storage.ts'
import { createItemSearch, IN_TIME } from './item-search.ts'
import { fromJson, fromJsonOrNull, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

interface Raw { namespace: string, key: string, value: string, created_at: string, updated_at: string }
interface Place { namespace: string, key: string }
interface Unindexed extends Place { value: string | null, index_paths: string | null }

/** Items that are looked at, or removed, in one go: some milliseconds. */
const SLICE = 200

const parse = (raw: Raw): Item => ({ ...raw, namespace: fromJson<string[]>(raw.namespace), value: fromJson<JsonObject>(raw.value) })
const placeOf = ({ namespace, key }: ItemPlace): Place => ({ namespace: toJson(namespace), key })

export function createItemStore(db: Database, { write, commit }: WriteQueue): ItemStore {
  const select = db.prepare<unknown[], Raw>(`SELECT namespace, key, value, created_at, updated_at FROM items WHERE namespace = @namespace AND key = @key AND ${IN_TIME}`)
  // In the place of one whose time is over, a new one begins.
  const upsert = db.prepare(`INSERT INTO items (namespace, key, value, created_at, updated_at, ttl_minutes, expires_at, index_paths)
    VALUES (@namespace, @key, @value, @stamp, @stamp, @ttl, @expires, @index)
    ON CONFLICT DO UPDATE SET value = excluded.value, created_at = iif(expires_at <= @now, @stamp, created_at), updated_at = @stamp,
      ttl_minutes = @ttl, expires_at = @expires, index_paths = @index`)
  const remove = db.prepare('DELETE FROM items WHERE namespace = @namespace AND key = @key')
  const hasTime = db.prepare<Place, 1>('SELECT 1 FROM items WHERE namespace = @namespace AND key = @key AND expires_at IS NOT NULL').pluck()
  const touch = db.prepare(`UPDATE items SET expires_at = CAST(ceil(@now + ttl_minutes * 60000) AS INTEGER) WHERE namespace = @namespace AND key = @key AND expires_at > @now`)
  const namespaces = db.prepare<unknown[], string>(`SELECT DISTINCT namespace FROM items WHERE ${IN_TIME}`).pluck()
  const expire = db.prepare('DELETE FROM items WHERE (namespace, key) IN (SELECT namespace, key FROM items WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)')
  const dropVectors = db.prepare('DELETE FROM item_vectors WHERE namespace = @namespace AND key = @key')
  const page = db.prepare<unknown[], Unindexed>(`SELECT i.namespace, i.key, index_paths, iif(v.made_with IS @madeWith, NULL, value) AS value
    FROM items i LEFT JOIN item_vectors v ON v.namespace = i.namespace AND v.key = i.key
    WHERE (i.namespace, i.key) > (@namespace, @key) ORDER BY i.namespace, i.key LIMIT ${SLICE}`)
  const keepVectors = db.prepare(`INSERT INTO item_vectors (namespace, key, made_with, vectors) SELECT namespace, key, @madeWith, @vectors FROM items WHERE namespace = @namespace AND key = @key
    ON CONFLICT DO UPDATE SET made_with = excluded.made_with, vectors = excluded.vectors WHERE made_with <> excluded.made_with`)

  const get = (at: ItemPlace, now: number): Item | null => {
    const raw = select.get({ ...placeOf(at), now })
    return raw ? parse(raw) : null
  }

  function putOne({ value, ttl, index, vectors, ...at }: ItemWrite, now: number): void {
    const place = placeOf(at)
    if (value === null) return void remove.run(place)
    upsert.run({ ...place, value: toJson(value), stamp: new Date(now).toISOString(), now, ttl, expires: ttl === null ? null : Math.ceil(now + ttl * 60_000), index: index === null ? null : toJson(index) })
    // Those it had are of another value.
    dropVectors.run(place)
    if (vectors) keepVectors.run({ ...place, madeWith: vectors.madeWith, vectors: bytesOf(vectors.vectors) })
  }

  return {
    get,
    put: (items, now) => write(() => {
      for (const item of items) putOne(item, now)
    }),
    touch: async (items, now) => {
      const places = items.map(placeOf).filter((place) => hasTime.get(place))
      if (places.length) await commit(() => places.forEach((place) => touch.run({ ...place, now })))
    },
    search: createItemSearch(db, get),
    namespaces: ({ prefix, suffix, max_depth, limit, offset }, now) => {
      const found = namespaces.all({ now }).map((text) => fromJson<string[]>(text))
        .filter((namespace) => namespaceMatches(namespace, prefix ?? [], suffix ?? []))
        .map((namespace) => max_depth ? namespace.slice(0, max_depth) : namespace)
      const unique = [...new Map(found.map((namespace) => [toJson(namespace), namespace])).values()]
      return unique.sort(compareNamespaces).slice(offset ?? 0, (offset ?? 0) + (limit ?? 100))
    },
    expire: (now) => write(() => expire.run(now, SLICE).changes === SLICE),
    unindexed: (madeWith, after) => {
      const rows = page.all({ madeWith, ...(after ? placeOf(after) : { namespace: '', key: '' }) })
      const places = rows.map(({ namespace, key }) => ({ namespace: fromJson<string[]>(namespace), key }))
      return {
        items: rows.flatMap(({ value, index_paths }, i) => value === null ? [] : { ...places[i]!, value: fromJson(value), index: fromJsonOrNull<ItemIndex>(index_paths) }),
        last: places.at(-1) ?? null,
      }
    },
    index: (items) => write(() => {
      for (const { vectors: { madeWith, vectors }, ...at } of items) keepVectors.run({ ...placeOf(at), madeWith, vectors: bytesOf(vectors) })
    }),
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
