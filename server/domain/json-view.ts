import { readValue, type PieceSource, type ValueBuilder } from './read-value.ts'

/** Message classes of LangChain and the `type` that their flat dict form carries on the wire (§2.3); chunks count as what they grow into. */
export const MESSAGE_TYPES: Readonly<Record<string, string>> = {
  HumanMessage: 'human', AIMessage: 'ai', SystemMessage: 'system', ToolMessage: 'tool', FunctionMessage: 'function', ChatMessage: 'generic', RemoveMessage: 'remove',
  HumanMessageChunk: 'human', AIMessageChunk: 'ai', SystemMessageChunk: 'system', ToolMessageChunk: 'tool', FunctionMessageChunk: 'function', ChatMessageChunk: 'generic',
}

const JSON_BUILDER: ValueBuilder = {
  date: (iso) => iso,
  map: (entries) => entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries as [string, unknown][]) : entries,
  set: (items) => items,
  regexp: (source, flags) => `/${source}/${flags}`,
  error: ({ name, message }) => ({ name, message }),
  bytes: (base64) => base64,
  bigint: (text) => text,
  number: (text) => text === '-0' ? 0 : null,
  undefined: () => null,
  langchain: (id, fields) => {
    const type = MESSAGE_TYPES[id.at(-1) ?? '']
    return type && id.includes('messages') ? { ...fields, type } : { lc: 1, type: 'constructor', id, kwargs: fields }
  },
  delta: (value) => value,
}

/** The plain JSON that clients see for a stored value: messages as flat dicts, dates as ISO text. */
export function jsonView(json: string, pieces: PieceSource): unknown {
  return readValue(json, pieces, JSON_BUILDER)
}

export type JsonView = typeof jsonView

/** A view that reads each piece once: for the states of one answer, which have most of their parts in common. They share them. */
export function createJsonView(): JsonView {
  const known = new Map<string, unknown>()
  const builder: ValueBuilder = {
    ...JSON_BUILDER,
    piece: (hash, read) => {
      if (!known.has(hash)) known.set(hash, read())
      return known.get(hash)
    },
  }
  return (json, pieces) => readValue(json, pieces, builder)
}
