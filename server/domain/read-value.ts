/** Gives the JSON text of a piece. Throws when it is not there: a checkpoint is never half of itself. */
export type PieceSource = (hash: string) => string

interface Tagged { $: string, v?: unknown, h?: string, c?: unknown[], id?: string[], t?: string }

const isTagged = (value: object): value is Tagged => '$' in value && typeof value.$ === 'string'

/** The parts a reader may build differently: as plain JSON for the wire, or as live objects in a worker. */
export interface ValueBuilder {
  date(iso: string | null): unknown
  map(entries: [unknown, unknown][]): unknown
  set(items: unknown[]): unknown
  regexp(source: string, flags: string): unknown
  error(fields: { name: string, message: string, stack?: string }): unknown
  /** `kind`: the class that holds them. */
  bytes(base64: string, kind: string): unknown
  bigint(text: string): unknown
  number(text: string): unknown
  undefined(): unknown
  langchain(id: string[], fields: Record<string, unknown>): unknown
  delta(value: unknown): unknown
  /** What is read of a piece, for a builder that remembers; read anew each time without it. */
  piece?(hash: string, read: () => unknown): unknown
}

/** Reads the stored form (see `encode-value.ts`) back, fetching pieces as they are met. */
export function readValue(json: string, pieces: PieceSource, build: ValueBuilder): unknown {
  return read(JSON.parse(json), pieces, build)
}

function read(value: unknown, pieces: PieceSource, build: ValueBuilder): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => read(item, pieces, build))
  if (isTagged(value)) return readTagged(value, pieces, build)
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value)) result[key] = read((value as Record<string, unknown>)[key], pieces, build)
  return result
}

function readTagged(value: Tagged, pieces: PieceSource, build: ValueBuilder): unknown {
  const inner = (v: unknown) => read(v, pieces, build)
  const reader = READERS[value.$]
  // An unknown tag is data of a newer version: kept as it is, never interpreted.
  return reader ? reader(value, inner, build, pieces) : { ...value }
}

type TagReader = (value: Tagged, inner: (v: unknown) => unknown, build: ValueBuilder, pieces: PieceSource) => unknown

const READERS: Record<string, TagReader> = Object.assign(Object.create(null) as Record<string, TagReader>, {
  p: (value, inner, build, pieces) => {
    const hash = String(value.h)
    const piece = () => inner(JSON.parse(pieces(hash)))
    return build.piece ? build.piece(hash, piece) : piece()
  },
  l: (value, inner) => (value.c ?? []).flatMap((chunk) => inner(chunk) as unknown[]),
  o: (value, inner) => fromEntries((value.v as [string, unknown][]).map(([key, v]) => [key, inner(v)])),
  u: (_value, _inner, build) => build.undefined(),
  n: (value, _inner, build) => build.number(String(value.v)),
  i: (value, _inner, build) => build.bigint(String(value.v)),
  d: (value, _inner, build) => build.date(value.v as string | null),
  m: (value, inner, build) => build.map(inner(value.v) as [unknown, unknown][]),
  s: (value, inner, build) => build.set(inner(value.v) as unknown[]),
  r: (value, _inner, build) => build.regexp(...(value.v as [string, string])),
  e: (value, inner, build) => build.error(inner(value.v) as { name: string, message: string }),
  b: (value, _inner, build) => build.bytes(String(value.v), value.t ?? 'Uint8Array'),
  lc: (value, inner, build) => build.langchain(value.id ?? [], inner(value.v) as Record<string, unknown>),
  delta: (value, inner, build) => build.delta(inner(value.v)),
} satisfies Record<string, TagReader>)

/** `__proto__` as a key must become an own property, never the prototype. */
function fromEntries(entries: [string, unknown][]): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, v] of entries) Object.defineProperty(result, key, { value: v, enumerable: true, writable: true, configurable: true })
  return result
}
