import type { Database } from 'better-sqlite3'
import type { JsonObject } from '../../contract/common.ts'
import type { Item } from '../../contract/item.ts'
import { matchesFilter } from '../../domain/item-filter.ts'
import { namespaceMatches } from '../../domain/namespace.ts'
import type { ItemStore } from '../storage.ts'
import { fromJson, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

interface Raw { namespace: string, key: string, value: string, created_at: string, updated_at: string }

const parse = (raw: Raw): Item => ({ ...raw, namespace: fromJson<string[]>(raw.namespace), value: fromJson<JsonObject>(raw.value) })

export function createItemStore(db: Database, { write }: WriteQueue): ItemStore {
  const get = db.prepare<[string, string], Raw>('SELECT * FROM items WHERE namespace = ? AND key = ?')
  const put = db.prepare(`INSERT INTO items (namespace, key, value, created_at, updated_at) VALUES (@namespace, @key, @value, @now, @now)
    ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`)
  const remove = db.prepare('DELETE FROM items WHERE namespace = @namespace AND key = @key')
  // Below a prefix of labels: the namespace itself, or text that goes on with a comma.
  const below = db.prepare<unknown[], Raw>(`SELECT * FROM items WHERE @prefix = '' OR namespace = @prefix || ']' OR substr(namespace, 1, length(@prefix) + 1) = @prefix || ','
    ORDER BY updated_at DESC, namespace, key`)
  const namespaces = db.prepare<[], { namespace: string }>('SELECT DISTINCT namespace FROM items ORDER BY namespace')

  return {
    get: (namespace, key) => {
      const raw = get.get(toJson(namespace), key)
      return raw ? parse(raw) : null
    },
    put: (items, now) => write(() => {
      for (const { namespace, key, value } of items) {
        if (value === null) remove.run({ namespace: toJson(namespace), key })
        else put.run({ namespace: toJson(namespace), key, value: toJson(value), now })
      }
    }),
    search: ({ namespace_prefix, filter, limit, offset }) => {
      const prefix = namespace_prefix ?? []
      const exact = prefix.includes('*') ? [] : prefix
      return below.all({ prefix: exact.length ? toJson(exact).slice(0, -1) : '' }).map(parse)
        .filter((item) => namespaceMatches(item.namespace, prefix, []) && (!filter || matchesFilter(item.value, filter)))
        .slice(offset ?? 0, (offset ?? 0) + (limit ?? 10))
        .map((item) => ({ ...item, score: null }))
    },
    namespaces: ({ prefix, suffix, max_depth, limit, offset }) => {
      const found = namespaces.all().map((row) => fromJson<string[]>(row.namespace))
        .filter((namespace) => namespaceMatches(namespace, prefix ?? [], suffix ?? []))
        .map((namespace) => max_depth ? namespace.slice(0, max_depth) : namespace)
      const unique = [...new Map(found.map((namespace) => [toJson(namespace), namespace])).values()]
      return unique.slice(offset ?? 0, (offset ?? 0) + (limit ?? 100))
    },
  }
}
