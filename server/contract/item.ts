import { Type, type Static } from 'typebox'
import { JsonObject, Limit, Maybe, Offset, QueryFlag } from './common.ts'
import { TtlMinutes } from './thread.ts'

/** Wire reference §1.6. A label may hold no dot: the GET form joins them with dots. */
const Label = Type.String({ minLength: 1, maxLength: 512, pattern: '^[^.\\u0000]+$' })
export const Namespace = Type.Array(Label, { minItems: 1, maxItems: 64 })
const Key = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[^\\u0000]+$' })

export interface Item { namespace: string[], key: string, value: JsonObject, created_at: string, updated_at: string }
/** `score` is the cosine of what was asked and the nearest of the item's texts; null where nothing was asked by meaning. */
export interface FoundItem extends Item { score: number | null }

/** False keeps an item from being found by meaning; paths say by what of it (§3.12). */
const ItemIndex = Type.Union([Type.Literal(false), Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 64 })])
export type ItemIndex = Static<typeof ItemIndex>

export const ItemPut = Type.Object({
  namespace: Namespace,
  key: Key,
  value: JsonObject,
  index: Maybe(ItemIndex),
  /** Null lets it stay for ever; left out, the configuration's default holds. */
  ttl: Maybe(TtlMinutes),
})
export type ItemPut = Static<typeof ItemPut>

const NamespaceInQuery = Type.Optional(Type.Union([Type.Array(Type.String()), Type.String()]))
export const ItemQuery = Type.Object({ key: Type.String({ minLength: 1 }), namespace: NamespaceInQuery, refresh_ttl: QueryFlag })
export type ItemQuery = Static<typeof ItemQuery>

export const ItemDelete = Type.Object({ namespace: Type.Array(Type.String()), key: Type.String({ minLength: 1 }) })
export type ItemDelete = Static<typeof ItemDelete>
/** The other form of a deletion, without a body. */
export const ItemDeleteQuery = Type.Object({ key: Type.Optional(Type.String()), namespace: NamespaceInQuery })
export type ItemDeleteQuery = Static<typeof ItemDeleteQuery>

export const ItemSearch = Type.Object({
  namespace_prefix: Maybe(Type.Array(Type.String())),
  filter: Maybe(JsonObject),
  limit: Limit(10),
  offset: Offset,
  query: Maybe(Type.String()),
  refresh_ttl: Maybe(Type.Boolean()),
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
