import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asCode, type RunCall } from '../../src/renderer/src/lib/as-code.ts'
import { preparePython } from './clients/python-environment.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

const run = promisify(execFile)
const SAID = 'it\'s "ü" 🦊 $HOME `x` \\ true null\nnext'
const BODY = { assistant_id: 'chat', input: { messages: [{ type: 'human', content: SAID, additional_kwargs: { is: true, not: null } }] }, multitask_strategy: 'enqueue', config: { recursion_limit: 9, tags: ['a'] }, metadata: { made: 'by code' }, stream_mode: ['values'] }

let [server, client]: [ProjectServer, Client] = [null!, null!]
beforeAll(async () => {
  server = await startProjectServer()
  client = new Client({ apiUrl: server.url })
})
afterAll(() => server.stop(0))

const call = (threadId: string | null): RunCall => ({ url: server.url, threadId, assistantId: 'chat', body: BODY, headers: [] })
const environment = preparePython()

describe.each([
  ['javascript', (code: string) => run(process.execPath, ['--input-type=module', '-e', code])],
  ...(spawnSync('curl', ['--version']).status === 0 ? [['curl', (code: string) => run('sh', ['-c', code])] as const] : []),
  ...('missing' in environment ? [] : [['python', (code: string) => run(environment.python, ['-c', code])] as const]),
] as const)('a run as code, in %s', (language, execute) => {
  test('does what the Studio would have done, on a thread and on a new one', async () => {
    const { thread_id } = await client.threads.create()
    expect((await execute(asCode(call(thread_id), language))).stdout).toContain('You said: it')
    const before = await client.threads.count()
    await execute(asCode(call(null), language))
    expect(await client.threads.count()).toBe(before + 1)
    const [made] = await client.threads.search({ limit: 1, sortBy: 'created_at', sortOrder: 'desc' })
    for (const id of [thread_id, made!.thread_id]) {
      const { values } = await client.threads.getState<{ messages: { content: string }[] }>(id)
      expect(values.messages[0]!.content).toBe(SAID)
      const [done] = await client.runs.list(id)
      expect(done).toMatchObject({ metadata: { made: 'by code' }, kwargs: { config: { recursion_limit: 9, tags: ['a'] } } })
    }
  }, 60_000)
})

test('headers of a connection are named and their values left out', () => {
  const secret = { ...call(null), headers: ['x-api-key'] }
  expect(asCode(secret, 'javascript')).toContain('"x-api-key": process.env.X_API_KEY')
  expect(asCode(secret, 'python')).toContain('"x-api-key": os.environ["X_API_KEY"]')
  expect(asCode(secret, 'curl')).toContain('-H "x-api-key: $X_API_KEY"')
})
