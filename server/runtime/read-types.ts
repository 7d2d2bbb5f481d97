import { areSame } from './file-hashes.ts'
import type { TypeProcess } from './type-process.ts'
import type { TypeAnswer, TypeSchemas } from './type-reader/type-answer.ts'

export interface TypeReading { readonly schemas: TypeSchemas | null, readonly problem: string | null }

export interface TypeReaderOptions {
  readonly projectDir: string
  readonly appDir: string
  /** Milliseconds that a caller waits; 0 reads no types. */
  readonly timeoutMs: number
  readonly process: TypeProcess
}

/** Answers with the schemas of a graph (`path:export`) as its types tell them, or with why there are none. Never rejects. */
export type ReadTypes = (path: string, generation: number) => Promise<TypeReading>

/**
 * Reads types once for each state of the files they are in. Who waited too long is told so and the reading goes on: the next one to
 * ask has its result. What could not be read is not tried again before there is another generation of code.
 */
export function createTypeReader({ projectDir, appDir, timeoutMs, process }: TypeReaderOptions): ReadTypes {
  const known = new Map<string, TypeAnswer>()
  const failed = new Map<string, { generation: number, reading: TypeReading }>()
  const pending = new Map<string, Promise<TypeReading>>()

  async function read(path: string, generation: number): Promise<TypeReading> {
    const answer = known.get(path)
    if (answer && await areSame(answer.files)) return answer
    const failure = failed.get(path)
    if (failure?.generation === generation) return failure.reading
    try {
      const fresh = await process.ask({ project_dir: projectDir, app_dir: appDir, path })
      known.set(path, fresh)
      return fresh
    } catch (error) {
      const reading = { schemas: null, problem: `The types could not be read: ${(error as Error).message}` }
      failed.set(path, { generation, reading })
      return reading
    }
  }

  function readOnce(path: string, generation: number): Promise<TypeReading> {
    const reading = pending.get(path) ?? read(path, generation).finally(() => pending.delete(path))
    pending.set(path, reading)
    return reading
  }

  return async (path, generation) => {
    if (timeoutMs === 0) return { schemas: null, problem: 'Types are not read (LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS is 0).' }
    const late = Promise.withResolvers<TypeReading>()
    const timer = setTimeout(() => late.resolve({ schemas: null, problem: `The types were not read within ${timeoutMs / 1000} s (LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS). They are still being read: ask again later.` }), timeoutMs)
    try {
      return await Promise.race([readOnce(path, generation), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
