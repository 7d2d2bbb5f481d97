/** A mistake in langgraph.json: which file, which key, what to do. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError'
  constructor(file: string, key: string | null, problem: string, remedy: string) {
    super(`${file}${key ? ` → ${key}` : ''}: ${problem} ${remedy}`)
  }
}

export type Raw = Record<string, unknown>
export const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)
