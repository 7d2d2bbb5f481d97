import { isSet, Nullable } from '../../contract/common.ts'
import { ItemDelete, ItemDeleteQuery, ItemPut, ItemQuery, ItemSearch, NamespaceQuery } from '../../contract/item.ts'
import { PlatformError } from '../../errors.ts'
import type { ItemService } from '../../services/item-service.ts'
import type { TypedApp } from '../typed-app.ts'

/** Dot-joined, repeated, or both (§1.6). */
const labelsOf = (namespace: string | string[] = ''): string[] =>
  (Array.isArray(namespace) ? namespace : [namespace]).flatMap((part) => part === '' ? [] : part.split('.'))

export function itemRoutes(app: TypedApp, { items }: { items: ItemService }): void {
  app.put('/store/items', { schema: { body: ItemPut } }, async ({ body }, reply) => {
    await items.put(body)
    return reply.code(204).send()
  })
  // A missing item is 200 with null: a 404 would make the JavaScript SDK throw.
  app.get('/store/items', { schema: { querystring: ItemQuery } }, async ({ query: { namespace, key, refresh_ttl } }, reply) =>
    reply.type('application/json').send(JSON.stringify(await items.get(labelsOf(namespace), key, refresh_ttl ? isSet(refresh_ttl) : null))))
  app.delete('/store/items', { schema: { body: Nullable(ItemDelete), querystring: ItemDeleteQuery } }, async ({ body, query: { namespace, key } }, reply) => {
    if (!body && !key) throw new PlatformError('invalid_request', 'Name the item: {namespace, key} as the body, or both in the query.')
    await items.delete(body ?? { namespace: labelsOf(namespace), key: key! })
    return reply.code(204).send()
  })
  app.post('/store/items/search', { schema: { body: ItemSearch } }, async ({ body }) => items.search(body))
  app.post('/store/namespaces', { schema: { body: NamespaceQuery } }, async ({ body }) => items.namespaces(body))
}
