import type { PieceSink } from './encode-value.ts'

/** Remembers how the elements of lists were encoded, for as long as they live. */
export interface EncodingMemory {
  /** The text of an element: as remembered, when it is still what it was, or as `encode` gives it. */
  encode(item: unknown, encode: (sink: PieceSink) => string, sink: PieceSink): string
  /** What an element that was just read was read from: its text, and the pieces behind it. */
  wasRead(item: object, json: string, hashes: readonly string[]): void
}

interface Remembered { readonly trace: readonly unknown[], readonly json: string, readonly hashes: readonly string[] }

/** Elements with shorter texts cost less to encode than to compare. */
const WORTH_REMEMBERING = 256

/**
 * A long list of messages is made anew at each superstep, with the same messages in it. User code may have
 * changed one in place, so identity says nothing: an element counts as unchanged when all that its text is made
 * of is the same, which is cheap to see since equal strings mostly are the same string. `isHeld` says whether a
 * piece needs not be given again; an element with a piece that is not held is encoded.
 */
export function createEncodingMemory(isHeld: (hash: string) => boolean): EncodingMemory {
  const known = new WeakMap<object, Remembered>()

  function encodeAnew(item: object, encode: (sink: PieceSink) => string, sink: PieceSink): string {
    const hashes: string[] = []
    let size = 0
    const json = encode((hash, text) => {
      hashes.push(hash)
      size += text.length
      sink(hash, text)
    })
    const trace: unknown[] = []
    if (size >= WORTH_REMEMBERING && record(item, trace)) known.set(item, { trace, json, hashes })
    else known.delete(item)
    return json
  }

  return {
    wasRead(item, json, hashes) {
      const trace: unknown[] = []
      if (record(item, trace)) known.set(item, { trace, json, hashes })
    },
    encode(item, encode, sink) {
      if (typeof item !== 'object' || item === null) return encode(sink)
      const before = known.get(item)
      const isSame = before !== undefined && before.hashes.every(isHeld) && matches(item, before.trace, 0) === before.trace.length
      return isSame ? before.json : encodeAnew(item, encode, sink)
    },
  }
}

/** Appends all that the text of a value is made of. False for what keeps something where it can't be seen. */
function record(value: unknown, trace: unknown[]): boolean {
  if (typeof value !== 'object' || value === null) return trace.push(value) > 0
  if (!isTransparent(value)) return false
  const keys = Object.keys(value)
  trace.push(Object.getPrototypeOf(value), sizeOf(value, keys))
  return keys.every((key) => trace.push(key) > 0 && record((value as Record<string, unknown>)[key], trace))
}

/** Compares a value with what was recorded from `at` on; returns where the record goes on, or -1 when it differs. */
function matches(value: unknown, trace: readonly unknown[], at: number): number {
  if (typeof value !== 'object' || value === null) return Object.is(value, trace[at]) ? at + 1 : -1
  const keys = Object.keys(value)
  if (Object.getPrototypeOf(value) !== trace[at] || sizeOf(value, keys) !== trace[at + 1]) return -1
  let next = at + 2
  for (const key of keys) {
    if (key !== trace[next]) return -1
    next = matches((value as Record<string, unknown>)[key], trace, next + 1)
    if (next < 0) return -1
  }
  return next
}

/** A list's length also counts the holes at its end. */
const sizeOf = (value: object, keys: readonly string[]) => Array.isArray(value) ? value.length : keys.length

/** Lists, plain objects and LangChain's messages: all they say is in their own fields. */
function isTransparent(value: object): boolean {
  if (Array.isArray(value)) return true
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || prototype === Object.prototype) return !('toJSON' in value)
  return 'lc_namespace' in value && Array.isArray(value.lc_namespace) && value.lc_namespace.includes('messages') && !isTellingOtherwise(prototype)
}

/** Whether a message's class says in its own way how it is written, and so from what. */
function isTellingOtherwise(prototype: object): boolean {
  const parent = Object.getPrototypeOf(prototype) as object | null
  if (parent === null || parent === Object.prototype) return false
  return Object.hasOwn(prototype, 'toJSON') || Object.hasOwn(prototype, 'lc_attributes') || isTellingOtherwise(parent)
}
