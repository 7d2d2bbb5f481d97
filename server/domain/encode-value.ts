import { hash } from 'node:crypto'
import type { EncodingMemory } from './encoding-memory.ts'

/**
 * The stored form of a value: plain JSON, with the tag `$` for what JSON can't say.
 *
 * | tag | means | `v` |
 * |---|---|---|
 * | `p` | a piece kept on its own, found by hash `h`, `n` bytes long | |
 * | `l` | a long list, `n` elements, as chunks `c` (pieces of lists, or again of `l`) | |
 * | `o` | an object one of whose keys is `$` or `__proto__` | entries |
 * | `u` `n` `i` | undefined, a number JSON lacks, a bigint | -, text, text |
 * | `d` `m` `s` `r` `e` | Date, Map, Set, RegExp, Error | ISO text, entries, items, [source, flags], name, message and stack |
 * | `b` | bytes; `t` names the class when it isn't Uint8Array | base64 |
 * | `lc` | a LangChain object (message, document …) of class `id` | its constructor's fields |
 * | `delta` | LangGraph's DeltaSnapshot | the value |
 *
 * Any part of {@link PIECE_MIN} bytes or more becomes a piece of its own, so equal parts are stored once and
 * a list that grows by one element writes that element, its chunk and the path to the root: linear growth
 * for any unmodified graph. Tags are a closed set and data only: reading never resolves a constructor by name.
 *
 * What has no form of its own: an instance of another class is its `toJSON()` (a URL is its text) or else its own
 * fields, without class or prototype; a function or symbol is left out of an object and undefined in a list, as
 * are the holes of a sparse one; a key that is undefined is left out. A value that contains itself, or that is
 * nested deeper than {@link MAX_DEPTH}, is refused.
 */
export const PIECE_MIN = 256
const CHUNK = 16

/** Objects inside objects; deeper ones would overflow the stack of whoever reads them. */
export const MAX_DEPTH = 500

/** Receives each piece: its hash (20 bytes of SHA-256, base64url) and its bytes as JSON text. */
export interface PieceSink {
  (hash: string, json: string): void
  /** Elements of lists that it knows unchanged are not encoded again, and their pieces not given again. */
  readonly memory?: EncodingMemory
}

export class UnstorableValueError extends Error {
  override readonly name = 'UnstorableValueError'
}

interface LangChainSerializable { lc_serializable: boolean, lc_id: string[], toJSON(): unknown }

interface Encoding { readonly sink: PieceSink, readonly path: Set<object> }

/** Encodes a value; parts that are large enough go to `sink`, the returned JSON text refers to them. */
export function encodeValue(value: unknown, sink: PieceSink): string {
  return settle(encode(value, { sink, path: new Set() }), sink)
}

/** How a piece stands in what it is part of. */
export const referenceTo = (hash: string, json: string): string => `{"$":"p","h":"${hash}","n":${json.length}}`

/** A text that is too large to stand inside its parent is replaced by a reference to a piece. */
function settle(json: string, sink: PieceSink): string {
  if (json.length < PIECE_MIN || json.startsWith('{"$":"p"')) return json
  const key = hash('sha256', json, 'buffer').subarray(0, 20).toString('base64url')
  sink(key, json)
  return referenceTo(key, json)
}

function encode(value: unknown, encoding: Encoding): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(value)
    case 'boolean': return value ? 'true' : 'false'
    case 'number': return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : `{"$":"n","v":"${Object.is(value, -0) ? '-0' : value}"}`
    case 'bigint': return `{"$":"i","v":"${value}"}`
    case 'object': return value === null ? 'null' : encodeObject(value, encoding)
    default: return '{"$":"u"}'
  }
}

const encodeInner = (value: unknown, encoding: Encoding) => settle(encode(value, encoding), encoding.sink)

function encodeObject(value: object, encoding: Encoding): string {
  const { path } = encoding
  if (path.has(value)) throw new UnstorableValueError('The state holds an object that contains itself: it cannot be checkpointed. Keep ids instead of back references.')
  if (path.size >= MAX_DEPTH) throw new UnstorableValueError(`The state is nested deeper than ${MAX_DEPTH} levels: it cannot be checkpointed. Keep a flat list of nodes that name their parents.`)
  path.add(value)
  const json = encodeByKind(value, encoding)
  path.delete(value)
  return json
}

function encodeByKind(value: object, encoding: Encoding): string {
  const inner = (v: unknown) => encodeInner(v, encoding)
  if (Array.isArray(value)) return encodeList(encodeItems(value, encoding), encoding.sink)
  if (value instanceof Date) return tag('d', Number.isNaN(value.getTime()) ? 'null' : JSON.stringify(value.toISOString()))
  // The pairs are new ones each time: nothing to remember.
  if (value instanceof Map) return tag('m', encodeInner([...value.entries()], { ...encoding, sink: (key, json) => encoding.sink(key, json) }))
  if (value instanceof Set) return tag('s', inner([...value]))
  if (value instanceof RegExp) return tag('r', JSON.stringify([value.source, value.flags]))
  if (value instanceof ArrayBuffer) return encodeBytes(Buffer.from(value), 'ArrayBuffer')
  if (ArrayBuffer.isView(value)) return encodeBytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength), kindOfView(value))
  if (isLangChain(value)) return encodeLangChain(value, inner)
  if (value instanceof Error) return tag('e', inner({ name: value.name, message: value.message, ...(value.stack ? { stack: value.stack } : {}) }))
  if (isDelta(value)) return tag('delta', inner(value.value))
  const json = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() as unknown : value
  return json === value ? encodeRecord(value, inner) : encode(json, encoding)
}

const tag = (name: string, json: string) => `{"$":"${name}","v":${json}}`

/** Only here is anything remembered: what a list holds stays while the list is made anew. */
function encodeItems(list: readonly unknown[], encoding: Encoding): string[] {
  const { memory } = encoding.sink
  // Not map: it skips the holes of a sparse list.
  if (!memory) return Array.from(list, (item) => encodeInner(item, encoding))
  return Array.from(list, (item) => memory.encode(item, (sink) => encodeInner(item, { ...encoding, sink }), encoding.sink))
}

function encodeBytes(bytes: Buffer, kind: string): string {
  const json = JSON.stringify(bytes.toString('base64'))
  return kind === 'Uint8Array' ? tag('b', json) : `{"$":"b","t":"${kind}","v":${json}}`
}

const kindOfView = (view: ArrayBufferView) => Buffer.isBuffer(view) ? 'Buffer' : Object.prototype.toString.call(view).slice('[object '.length, -1)

/** By its class: data of the same shape is no snapshot. */
const isDelta = (value: object): value is { value: unknown } =>
  'value' in value && (Object.getPrototypeOf(value) as object | null)?.constructor.name === 'DeltaSnapshot'

function encodeRecord(value: object, inner: (v: unknown) => string): string {
  const entries = Object.entries(value).filter(([, v]) => v !== undefined && typeof v !== 'function' && typeof v !== 'symbol')
  if (entries.some(([key]) => key === '$' || key === '__proto__'))
    return tag('o', `[${entries.map(([key, v]) => `[${JSON.stringify(key)},${inner(v)}]`).join(',')}]`)
  return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${inner(v)}`).join(',')}}`
}

/** Lists longer than a chunk become a tree of chunks, so that appending rewrites one path and not the whole list. */
function encodeList(items: string[], sink: PieceSink): string {
  if (items.length <= CHUNK) return `[${items.join(',')}]`
  let level = items
  while (level.length > CHUNK) {
    const chunks: string[] = []
    for (let i = 0; i < level.length; i += CHUNK) {
      const part = level.slice(i, i + CHUNK).join(',')
      chunks.push(settle(level === items ? `[${part}]` : `{"$":"l","c":[${part}]}`, sink))
    }
    level = chunks
  }
  return `{"$":"l","n":${items.length},"c":[${level.join(',')}]}`
}

const isLangChain = (value: object): value is LangChainSerializable =>
  'lc_serializable' in value && value.lc_serializable === true && 'lc_id' in value && 'toJSON' in value && typeof value.toJSON === 'function'

function encodeLangChain(value: LangChainSerializable, inner: (v: unknown) => string): string {
  const json = value.toJSON() as { id?: string[], kwargs?: unknown }
  return `{"$":"lc","id":${JSON.stringify(json.id ?? value.lc_id)},"v":${inner(json.kwargs ?? {})}}`
}
