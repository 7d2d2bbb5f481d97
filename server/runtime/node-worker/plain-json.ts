import { toWireJson } from './wire-json.ts'

/** A copy that is plain JSON: what can't be said in JSON is left out or told as clients would see it. */
export const plainJson = (value: unknown): unknown => JSON.parse(toWireJson(value)) as unknown
