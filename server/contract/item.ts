import { Type, type Static } from 'typebox'
import { JsonObject, Limit, Maybe, Offset } from './common.ts'

/** Wire reference §1.6. A label may hold no dot: the GET form joins them with dots. */
const Label = Type.String({ minLength: 1, maxLength: 512, pattern: '^[^.\\u0000]+$' })
export const Namespace = Type.Array(Label, { minItems: 1, maxItems: 64 })
const Key = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[^\\u0000]+$' })

export interface Item { namespace: string[], key: string, value: JsonObject, created_at: string, updated_at: string }
export interface FoundItem extends Item { score: number | null }

export const ItemPut = Type.Object({
  namespace: Namespace,
  key: Key,
  value: JsonObject,
  index: Type.Optional(Type.Unknown()),
  ttl: Maybe(Type.Number({ exclusiveMinimum: 0 })),
})
export type ItemPut = Static<typeof ItemPut>

export const ItemQuery = Type.Object({ key: Type.String({ minLength: 1 }), namespace: Type.Optional(Type.Union([Type.Array(Type.String()), Type.String()])) })
export type ItemQuery = Static<typeof ItemQuery>

export const ItemDelete = Type.Object({ namespace: Type.Array(Type.String()), key: Type.String({ minLength: 1 }) })
export type ItemDelete = Static<typeof ItemDelete>

export const ItemSearch = Type.Object({
  namespace_prefix: Maybe(Type.Array(Type.String())),
  filter: Maybe(JsonObject),
  limit: Limit(10),
  offset: Offset,
  query: Maybe(Type.String()),
})
export type ItemSearch = Static<typeof ItemSearch>

export const NamespaceQuery = Type.Object({
  prefix: Maybe(Type.Array(Type.String())),
  suffix: Maybe(Type.Array(Type.String())),
  max_depth: Maybe(Type.Integer({ minimum: 1 })),
  limit: Limit(100),
  offset: Offset,
})
export type NamespaceQuery = Static<typeof NamespaceQuery>
