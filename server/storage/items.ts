import type { JsonObject } from '../contract/common.ts'
import type { FoundItem, Item, ItemIndex, ItemSearch, NamespaceQuery } from '../contract/item.ts'

/** The texts of an item as vectors: one unit long each, one after another. */
export interface ItemVectors {
  /** The configuration of the index; vectors of another one are not looked at. */
  readonly madeWith: string
  readonly vectors: Float32Array
}
export interface ItemPlace { readonly namespace: readonly string[], readonly key: string }
export interface ItemWrite extends ItemPlace {
  /** Null removes the item; the rest is then of no account. */
  readonly value: JsonObject | null
  /** Minutes that it stays after it was put or touched; null for ever. */
  readonly ttl: number | null
  readonly index: ItemIndex | null
  /** Null where nothing is indexed. */
  readonly vectors: ItemVectors | null
}
/** An item that lacks the vectors that are wanted now. */
export interface UnindexedItem extends ItemPlace { readonly value: JsonObject, readonly index: ItemIndex | null }
/** `query`: in the order of the scores, and only items that have vectors of that making. */
export interface ItemLookup extends Omit<ItemSearch, 'query'> { readonly query?: { readonly vector: Float32Array, readonly madeWith: string } | null }

/** Items by namespace and key. One whose time is over at `now` (milliseconds since 1970) is not there, removed or not. */
export interface ItemStore {
  get(at: ItemPlace, now: number): Item | null
  put(items: readonly ItemWrite[], now: number): Promise<void>
  /** Gives items their whole time again, where they have one; resolves when that is committed. */
  touch(items: readonly ItemPlace[], now: number): Promise<void>
  /** The newest first, or the best. Takes its time where there is much to look at, and blocks nobody meanwhile. */
  search(lookup: ItemLookup, now: number): Promise<FoundItem[]>
  /** In the order of their labels. */
  namespaces(query: NamespaceQuery, now: number): string[][]
  /** Removes some of those whose time is over; true while there may be more. */
  expire(now: number): Promise<boolean>
  /** Of the items after a place, in order, a page; those that lack vectors of that making are in `items`. `last` is null at the end. */
  unindexed(madeWith: string, after: ItemPlace | null): { items: UnindexedItem[], last: ItemPlace | null }
  /** Keeps vectors of items that still lack those of that making and were not put anew meanwhile. */
  index(items: readonly (UnindexedItem & { readonly vectors: ItemVectors })[]): Promise<void>
}
