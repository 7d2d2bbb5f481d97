import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { expect, onTestFinished, test } from 'vitest'
import type { AssistantDefaults } from '../services/assistant-service.ts'
import { startTestServer } from './start-test-server.ts'

/** Starts servers on the same data, one after another. */
function starter() {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-defaults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return async <T>(assistantDefaults: AssistantDefaults, use: (client: Client, server: Awaited<ReturnType<typeof startTestServer>>) => Promise<T>): Promise<T> => {
    const server = await startTestServer({ dataFile: join(folder, 'data.db'), assistantDefaults })
    try {
      return await use(new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } }), server)
    } finally {
      await server.stop(0)
    }
  }
}

const small = { agent: { config: { tags: ['a'], configurable: { model: 'small' } }, context: {} } }
const large = { agent: { config: {}, context: { model: 'large' } } }

test('a system assistant is made with the defaults of its graph, and runs have them', async () => {
  const start = starter()
  await start(small, async (client, server) => {
    expect(await client.assistants.get('agent')).toMatchObject({ version: 1, config: { tags: ['a'], configurable: { model: 'small' } }, context: {}, metadata: { created_by: 'system' } })
    await client.runs.create(null, 'agent', { input: {} })
    const { job, end } = await server.runtime.nextJob()
    expect(job.config).toMatchObject({ tags: ['a'], configurable: { model: 'small' } })
    end({ status: 'success' })
  })
})

test('changed defaults are a new version, the same ones are not, and what people changed since stays', async () => {
  const start = starter()
  const current = async (client: Client) => {
    const { version, config, context } = await client.assistants.get('agent')
    return { version, config, context }
  }
  expect(await start({}, current)).toEqual({ version: 1, config: {}, context: {} })
  expect(await start(small, current)).toEqual({ version: 2, ...small.agent })
  expect(await start(small, current)).toEqual({ version: 2, ...small.agent })
  await start(small, (client) => client.assistants.update('agent', { config: { configurable: { model: 'mine' } }, metadata: { by: 'me' } }))
  expect(await start(small, current)).toEqual({ version: 3, config: { configurable: { model: 'mine' } }, context: {} })
  expect(await start(large, current)).toEqual({ version: 4, ...large.agent })
  expect(await start(small, current)).toEqual({ version: 5, ...small.agent })
  expect(await start({}, current)).toEqual({ version: 5, ...small.agent })
})
