/** How items are found by meaning: `store.index` of langgraph.json (wire reference §3.12). */
export interface StoreIndex {
  /** `provider:model`, or `./file:export` relative to the project. */
  readonly embed: string
  /** Numbers in a vector. */
  readonly dims: number
  /** Paths of the texts, for items that name none themselves. */
  readonly fields: readonly string[]
}

/** `store` of langgraph.json (§3.11, §3.12). */
export interface StoreConfig {
  /** Whether reading an item gives it its time again, where the request says nothing. */
  readonly refreshOnRead: boolean
  /** Minutes that items stay which say nothing else; null for ever. */
  readonly defaultTtl: number | null
  readonly index: StoreIndex | null
}

export const PLAIN_STORE: StoreConfig = { refreshOnRead: true, defaultTtl: null, index: null }

/** Vectors are only compared with those that were made with the same. */
export const madeWith = ({ embed, dims, fields }: StoreIndex): string => JSON.stringify([embed, dims, fields])
