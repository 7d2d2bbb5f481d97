/** A mistake in langgraph.json, or in a variable that stands in for it: where, which key, what to do. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError'
  /** Like `store.ttl`; null where the whole is meant. */
  readonly key: string | null
  readonly #advice: readonly [problem: string, remedy: string]
  constructor(place: string, key: string | null, problem: string, remedy: string) {
    super(`${place}${key ? ` → ${key}` : ''}: ${problem} ${remedy}`)
    this.key = key
    this.#advice = [problem, remedy]
  }

  /** The same mistake, made elsewhere. */
  in(place: string): ProjectError {
    return new ProjectError(place, this.key, ...this.#advice)
  }
}

export type Raw = Record<string, unknown>
export const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)
