import { MAX_DEPTH } from '../../domain/encode-value.ts'

/**
 * The plain JSON that clients see of a live value; the same view that `domain/json-view.ts` gives of a stored
 * one: messages as flat dicts, dates as ISO text, maps as objects, sets as lists.
 */
export function toWireJson(value: unknown): string {
  try {
    return JSON.stringify(value, viewOf) ?? 'null'
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    // An object that contains itself, or too much: JSON has no word for it, and an event must not end the run.
    return JSON.stringify(withinBounds(value, []), viewOf) ?? 'null'
  }
}

/** Bytes of {@link toWireJson}, for a frame's payload. */
export const toWireBytes = (value: unknown): Uint8Array => Buffer.from(toWireJson(value), 'utf8')

function viewOf(this: unknown, key: string, value: unknown): unknown {
  // JSON.stringify has already called toJSON; the holder still has the object itself.
  const raw = (this as Record<string, unknown>)[key]
  if (typeof raw === 'bigint') return String(raw)
  if (typeof raw !== 'object' || raw === null) return value
  return viewOfObject(raw, value)
}

function viewOfObject(raw: object, value: unknown): unknown {
  if (raw instanceof Map) return viewOfMap(raw)
  if (raw instanceof Set) return [...raw]
  if (raw instanceof RegExp) return String(raw)
  if (raw instanceof ArrayBuffer) return Buffer.from(raw).toString('base64')
  if (ArrayBuffer.isView(raw)) return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64')
  if (isMessage(raw)) return flatMessage(raw)
  if (raw instanceof Error) return { name: raw.name, message: raw.message }
  return value
}

const viewOfMap = (map: Map<unknown, unknown>) =>
  [...map.keys()].every((key) => typeof key === 'string') ? Object.fromEntries(map as Map<string, unknown>) : [...map.entries()]

interface Message { toDict(): { type: string, data: Record<string, unknown> } }

const isMessage = (value: object): value is Message => 'toDict' in value && typeof value.toDict === 'function' && 'lc_serializable' in value

/** The flat dict form of a message (wire reference §2.3). */
function flatMessage(message: Message): Record<string, unknown> {
  const { type, data } = message.toDict()
  return { ...data, type }
}

function withinBounds(value: unknown, path: object[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (path.includes(value)) return '[Circular]'
  if (path.length >= MAX_DEPTH) return '[Too deep]'
  const inner = [...path, value]
  if (Array.isArray(value)) return value.map((item) => withinBounds(item, inner))
  if (Object.getPrototypeOf(value) !== Object.prototype) return '[Object]'
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withinBounds(item, inner)]))
}
