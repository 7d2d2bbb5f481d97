import { hash } from 'node:crypto'

/**
 * The stored form of a value: plain JSON, with the tag `$` for what JSON can't say.
 *
 * | tag | means | `v` |
 * |---|---|---|
 * | `p` | a piece kept on its own, found by hash `h`, `n` bytes long | |
 * | `l` | a long list, `n` elements, as chunks `c` (pieces of lists, or again of `l`) | |
 * | `o` | an object one of whose keys is `$` or `__proto__` | entries |
 * | `u` `n` `i` | undefined, a number JSON lacks, a bigint | -, text, text |
 * | `d` `m` `s` `r` `e` `b` | Date, Map, Set, RegExp, Error, bytes | ISO text, entries, items, [source, flags], fields, base64 |
 * | `lc` | a LangChain object (message, document …) of class `id` | its constructor's fields |
 * | `delta` | LangGraph's DeltaSnapshot | the value |
 *
 * Any part of {@link PIECE_MIN} bytes or more becomes a piece of its own, so equal parts are stored once and
 * a list that grows by one element writes that element, its chunk and the path to the root: linear growth
 * for any unmodified graph. Tags are a closed set and data only: reading never resolves a constructor by name.
 */
export const PIECE_MIN = 256
const CHUNK = 16

/** Receives each piece: its hash (20 bytes of SHA-256, base64url) and its bytes as JSON text. */
export type PieceSink = (hash: string, json: string) => void

export class UnstorableValueError extends Error {
  override readonly name = 'UnstorableValueError'
}

interface LangChainSerializable { lc_serializable: boolean, lc_id: string[], toJSON(): unknown }

/** Encodes a value; parts that are large enough go to `sink`, the returned JSON text refers to them. */
export function encodeValue(value: unknown, sink: PieceSink): string {
  return settle(encode(value, sink, []), sink)
}

/** A text that is too large to stand inside its parent is replaced by a reference to a piece. */
function settle(json: string, sink: PieceSink): string {
  if (json.length < PIECE_MIN || json.startsWith('{"$":"p"')) return json
  const key = hash('sha256', json, 'buffer').subarray(0, 20).toString('base64url')
  sink(key, json)
  return `{"$":"p","h":"${key}","n":${json.length}}`
}

function encode(value: unknown, sink: PieceSink, path: object[]): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(value)
    case 'boolean': return value ? 'true' : 'false'
    case 'number': return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : `{"$":"n","v":"${Object.is(value, -0) ? '-0' : value}"}`
    case 'bigint': return `{"$":"i","v":"${value}"}`
    case 'object': return value === null ? 'null' : encodeObject(value, sink, path)
    default: return '{"$":"u"}'
  }
}

function encodeObject(value: object, sink: PieceSink, path: object[]): string {
  if (path.includes(value)) throw new UnstorableValueError('The state holds an object that contains itself: it cannot be checkpointed. Keep ids instead of back references.')
  path.push(value)
  const json = encodeByKind(value, sink, path)
  path.pop()
  return json
}

function encodeByKind(value: object, sink: PieceSink, path: object[]): string {
  const inner = (v: unknown) => settle(encode(v, sink, path), sink)
  if (Array.isArray(value)) return encodeList(value.map(inner), sink)
  if (value instanceof Date) return tag('d', Number.isNaN(value.getTime()) ? 'null' : JSON.stringify(value.toISOString()))
  if (value instanceof Map) return tag('m', inner([...value.entries()]))
  if (value instanceof Set) return tag('s', inner([...value]))
  if (value instanceof RegExp) return tag('r', JSON.stringify([value.source, value.flags]))
  if (value instanceof ArrayBuffer) return tag('b', JSON.stringify(Buffer.from(value).toString('base64')))
  if (ArrayBuffer.isView(value)) return tag('b', JSON.stringify(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')))
  if (isLangChain(value)) return encodeLangChain(value, inner)
  if (value instanceof Error) return tag('e', inner({ name: value.name, message: value.message, ...(value.stack ? { stack: value.stack } : {}) }))
  if (value.constructor?.name === 'DeltaSnapshot' && 'value' in value) return tag('delta', inner(value.value))
  if ('toJSON' in value && typeof value.toJSON === 'function') return encode(value.toJSON(), sink, path)
  return encodeRecord(value, inner)
}

const tag = (name: string, json: string) => `{"$":"${name}","v":${json}}`

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
  'lc_serializable' in value && value.lc_serializable === true && 'lc_id' in value && 'toJSON' in value

function encodeLangChain(value: LangChainSerializable, inner: (v: unknown) => string): string {
  const json = value.toJSON() as { id?: string[], kwargs?: unknown }
  return `{"$":"lc","id":${JSON.stringify(json.id ?? value.lc_id)},"v":${inner(json.kwargs ?? {})}}`
}
