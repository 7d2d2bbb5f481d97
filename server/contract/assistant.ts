import { Type, type Static } from 'typebox'
import { AssistantRef, JsonObject, Limit, Literals, Maybe, Offset, SortOrder, Uuid } from './common.ts'

/** Wire reference §1.2. */
export interface Assistant {
  assistant_id: string
  graph_id: string
  config: AssistantConfig
  context: JsonObject
  metadata: JsonObject
  version: number
  name: string
  description: string | null
  created_at: string
  updated_at: string
}
export interface AssistantConfig { tags?: string[], recursion_limit?: number, configurable?: JsonObject, [key: string]: unknown }

export const RunConfig = Type.Object({
  tags: Maybe(Type.Array(Type.String())),
  recursion_limit: Maybe(Type.Integer({ minimum: 1 })),
  configurable: Maybe(JsonObject),
})
export type RunConfig = Static<typeof RunConfig>

export const AssistantCreate = Type.Object({
  graph_id: AssistantRef,
  assistant_id: Maybe(Uuid),
  config: Maybe(RunConfig),
  context: Maybe(JsonObject),
  metadata: Maybe(JsonObject),
  if_exists: Maybe(Literals(['raise', 'do_nothing'])),
  name: Maybe(Type.String({ maxLength: 500 })),
  description: Maybe(Type.String()),
})
export type AssistantCreate = Static<typeof AssistantCreate>

export const AssistantPatch = Type.Object({
  graph_id: Maybe(AssistantRef),
  config: Maybe(RunConfig),
  context: Maybe(JsonObject),
  metadata: Maybe(JsonObject),
  name: Maybe(Type.String({ maxLength: 500 })),
  description: Maybe(Type.String()),
})
export type AssistantPatch = Static<typeof AssistantPatch>

export const ASSISTANT_SORTS = ['assistant_id', 'created_at', 'updated_at', 'name', 'graph_id'] as const
export const ASSISTANT_FIELDS = ['assistant_id', 'graph_id', 'config', 'context', 'metadata', 'version', 'name', 'description', 'created_at', 'updated_at'] as const

export const AssistantFilter = Type.Object({
  metadata: Maybe(JsonObject),
  graph_id: Maybe(Type.String()),
  name: Maybe(Type.String()),
})
export type AssistantFilter = Static<typeof AssistantFilter>

export const AssistantSearch = Type.Object({
  ...AssistantFilter.properties,
  limit: Limit(10),
  offset: Offset,
  sort_by: Maybe(Literals(ASSISTANT_SORTS)),
  sort_order: SortOrder,
  select: Maybe(Type.Array(Literals(ASSISTANT_FIELDS))),
})
export type AssistantSearch = Static<typeof AssistantSearch>

export const AssistantVersions = Type.Object({ metadata: Maybe(JsonObject), limit: Limit(10), offset: Offset })
export type AssistantVersions = Static<typeof AssistantVersions>
