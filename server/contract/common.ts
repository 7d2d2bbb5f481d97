import { Type, type Static, type TSchema } from 'typebox'

export const Uuid = Type.String({ format: 'uuid', maxLength: 36 })
/** A plain JSON object; unknown keys are kept. */
export const JsonObject = Type.Record(Type.String(), Type.Unknown())
export type JsonObject = Record<string, unknown>

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Absent, null or the value: clients drop keys or send null alike. */
export const Maybe = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema))
export const Literals = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })

export const Limit = (fallback: number) => Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: fallback }))
export const Offset = Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }))
export const SortOrder = Maybe(Literals(['asc', 'desc']))

/** Ids that may be a graph's name: no control characters, no path games. */
export const AssistantRef = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000-\\u001f/\\\\]+$' })
export const CheckpointId = Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.:-]+$' })

export const Checkpoint = Type.Object({
  checkpoint_id: Maybe(CheckpointId),
  checkpoint_ns: Maybe(Type.String({ maxLength: 4096 })),
  checkpoint_map: Maybe(Type.Record(Type.String(), Type.Unknown())),
})
export type Checkpoint = Static<typeof Checkpoint>

export const RunCommand = Type.Object({ resume: Type.Optional(Type.Unknown()), update: Type.Optional(Type.Unknown()), goto: Type.Optional(Type.Unknown()) })
export type RunCommand = Static<typeof RunCommand>

/** A query flag arrives as text: true/false/1/0/yes/no in any case (§0.3). */
export const QueryFlag = Type.Optional(Type.String({ pattern: '^(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|1|0|[yY][eE][sS]|[nN][oO]|)$' }))
export const isSet = (flag: string | undefined): boolean => flag !== undefined && /^(true|1|yes)$/i.test(flag)

/** Whether a `Prefer` header asks for no body (§0.4): `return=minimal`, among other preferences or alone. */
export const prefersMinimal = (header: string | string[] | undefined): boolean =>
  [header ?? []].flat().flatMap((text) => text.split(/[,;]/)).some((preference) => /^\s*return\s*=\s*"?minimal"?\s*$/i.test(preference))

/** A list in a query: repeated (`a=1&a=2`, newer SDKs) or one JSON text (`a=["1","2"]`, older ones); null when it names nothing (the Python SDK's `a=`). */
export const QueryList = Type.Optional(Type.Union([Type.Array(Type.String()), Type.String()]))
export function listOf(value: string | string[] | undefined): string[] | null {
  const items = [value ?? []].flat().flatMap(itemsIn)
  return items.length > 0 ? items : null
}

function itemsIn(text: string): string[] {
  if (!text.startsWith('[')) return text ? [text] : []
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.map(String) : [text]
  } catch {
    return [text]
  }
}
