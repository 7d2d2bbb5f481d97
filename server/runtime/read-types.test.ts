import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashOf } from './file-hashes.ts'
import { createTypeReader } from './read-types.ts'
import { createProject, writeFiles } from './testing/harness.ts'
import type { TypeProcess } from './type-process.ts'
import type { TypeAnswer } from './type-reader/type-answer.ts'

const SCHEMAS = { state: {}, input: {}, output: {}, context: null }

async function setup(ask: () => Promise<Omit<TypeAnswer, 'files'>>, timeoutMs = 60_000) {
  const projectDir = await createProject({ 'graph.ts': 'one' })
  const asked: string[] = []
  const process: TypeProcess = {
    ask: async ({ path }) => {
      asked.push(path)
      return { ...await ask(), files: { [join(projectDir, 'graph.ts')]: hashOf('one'), [join(projectDir, 'types.ts')]: null } } as TypeAnswer
    },
    stop: async () => {},
  }
  return { projectDir, asked, read: createTypeReader({ projectDir, appDir: projectDir, timeoutMs, process }) }
}

test('types are read once, however many ask, until a file changes or appears', async () => {
  const { projectDir, asked, read } = await setup(async () => ({ schemas: SCHEMAS, problem: null }))
  expect(await Promise.all([read('./graph.ts', 1), read('./graph.ts', 1)])).toMatchObject([{ schemas: SCHEMAS }, { schemas: SCHEMAS }])
  await read('./graph.ts', 2)
  expect(asked).toHaveLength(1)
  await read('./graph.ts:other', 2)
  expect(asked).toEqual(['./graph.ts', './graph.ts:other'])
  await writeFiles(projectDir, { 'types.ts': '' })
  await read('./graph.ts', 2)
  expect(asked).toHaveLength(3)
})

test('what could not be read is told, and tried again with other code', async () => {
  const { asked, read } = await setup(() => Promise.reject(new Error('it broke.')))
  expect(await read('./graph.ts', 1)).toEqual({ schemas: null, problem: 'The types could not be read: it broke.' })
  expect(await read('./graph.ts', 1)).toMatchObject({ schemas: null })
  expect(asked).toHaveLength(1)
  await read('./graph.ts', 2)
  expect(asked).toHaveLength(2)
})

test('whoever waited too long is told so, and the next one has what came of it', async () => {
  const answer = Promise.withResolvers<Omit<TypeAnswer, 'files'>>()
  const { asked, read } = await setup(() => answer.promise, 20)
  expect(await read('./graph.ts', 1)).toEqual({ schemas: null, problem: 'The types were not read within 0.02 s (LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS). They are still being read: ask again later.' })
  const next = read('./graph.ts', 1)
  answer.resolve({ schemas: SCHEMAS, problem: null })
  expect(await next).toMatchObject({ schemas: SCHEMAS })
  expect(asked).toHaveLength(1)
})
