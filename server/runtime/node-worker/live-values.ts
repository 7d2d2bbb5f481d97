import { referenceTo } from '../../domain/encode-value.ts'
import type { EncodingMemory } from '../../domain/encoding-memory.ts'
import { hashesBehind } from '../../domain/piece-refs.ts'
import { readValue, type PieceSource, type ValueBuilder } from '../../domain/read-value.ts'
import type { UserLangGraph } from './user-langgraph.ts'

/** Marked the way LangGraph recognises its own snapshots across copies. */
class DeltaSnapshot {
  readonly lg_name = 'DeltaSnapshot'
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

type FieldsConstructor = new (fields: Record<string, unknown>) => object

const MESSAGE_CLASSES = [
  'HumanMessage', 'AIMessage', 'SystemMessage', 'ToolMessage', 'FunctionMessage', 'ChatMessage', 'RemoveMessage',
  'HumanMessageChunk', 'AIMessageChunk', 'SystemMessageChunk', 'ToolMessageChunk', 'FunctionMessageChunk', 'ChatMessageChunk',
]

export type LiveReader = (json: string, pieces: PieceSource) => unknown

/**
 * Reads stored values back as themselves, messages as instances of the user's own classes. Only the classes
 * listed here are ever built: an object of any other class comes back as inert plain data.
 */
export function createLiveReader(langgraph: UserLangGraph, encodings: EncodingMemory): LiveReader {
  const classes = new Map<string, FieldsConstructor>()
  for (const name of MESSAGE_CLASSES) if (typeof langgraph.messages[name] === 'function') classes.set(name, langgraph.messages[name] as FieldsConstructor)
  const Document = langgraph.documents['Document'] as FieldsConstructor | undefined

  const revive = (id: string[], fields: Record<string, unknown>): unknown => {
    const name = id.at(-1) ?? ''
    const Message = id.includes('messages') ? classes.get(name) : undefined
    if (Message) return new Message(fields)
    if (Document && name === 'Document' && id.includes('documents')) return new Document({ ...fields, pageContent: fields['page_content'] ?? fields['pageContent'] })
    return { lc: 1, type: 'constructor', id, kwargs: fields }
  }

  const builder: ValueBuilder = {
    date: (iso) => new Date(iso ?? Number.NaN),
    map: (entries) => new Map(entries),
    set: (items) => new Set(items),
    regexp: (source, flags) => new RegExp(source, flags),
    error: reviveError,
    bytes: reviveBytes,
    bigint: (text) => BigInt(text),
    number: (text) => Number(text),
    undefined: () => undefined,
    langchain: revive,
    delta: (value) => new DeltaSnapshot(value),
  }

  /** A message that is put back as it was read need not be encoded again: it is what its piece says. */
  const remember = (value: unknown, hash: string, pieces: PieceSource): unknown => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) encodings.wasRead(value, referenceTo(hash, pieces(hash)), hashesBehind(hash, pieces))
    return value
  }
  return (json, pieces) => readValue(json, pieces, { ...builder, piece: (hash, read) => remember(read(), hash, pieces) })
}

type TypedArray = new (buffer: ArrayBuffer) => ArrayBufferView

const TYPED_ARRAYS = new Map<string, TypedArray>(Object.entries({
  DataView, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array,
}))

/** A kind that is not listed is its bytes. */
function reviveBytes(base64: string, kind: string): unknown {
  const bytes = Buffer.from(base64, 'base64')
  if (kind === 'Buffer') return bytes
  const own = new Uint8Array(bytes)
  if (kind === 'ArrayBuffer') return own.buffer
  const Class = TYPED_ARRAYS.get(kind)
  return Class ? new Class(own.buffer) : own
}

/** The class is not looked up: its name is kept, which is what code checks and people read. */
function reviveError({ name, message, stack }: { name: string, message: string, stack?: string }): Error {
  const error = new Error(message)
  error.name = name
  if (stack) error.stack = stack
  return error
}
