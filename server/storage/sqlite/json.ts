import type { JsonObject } from '../../contract/common.ts'

export const toJson = (value: unknown): string => JSON.stringify(value)
export const fromJson = <T = JsonObject>(text: string): T => JSON.parse(text) as T
export const fromJsonOrNull = <T>(text: string | null): T | null => text === null ? null : JSON.parse(text) as T

/** `%` and `_` in what a person typed are letters, not wildcards. Use with `ESCAPE '\'`. */
export const likeText = (text: string): string => `%${text.replace(/[\\%_]/g, (char) => `\\${char}`)}%`
