import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { databaseIn } from '../create-server.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let folder: string
let server: TestServer
let client: Client
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-transfer-'))
  server = await startTestServer({
    dataFile: databaseIn(folder), threadEntry: resolve(import.meta.dirname, '../storage/sqlite/file-thread.ts'),
    facts: { name: 'test', folder, config_path: join(folder, 'langgraph.json'), data_dir: folder, version: '0.0.0' },
  })
  client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
})
afterEach(async () => {
  await server.stop(0)
  rmSync(folder, { recursive: true })
})

const post = async (path: string, body?: string, type = 'application/json') => {
  const answer = await fetch(`${server.url}${path}`, { method: 'POST', ...(body === undefined ? {} : { body, headers: { 'content-type': type } }) })
  return { status: answer.status, body: await answer.json() as Record<string, string> }
}

describe('a backup over HTTP', () => {
  test('lands in the data directory and holds what was stored, while requests are answered', async () => {
    const { thread_id } = await client.threads.create()
    const [{ status, body }] = await Promise.all([post('/studio/api/backup', '{"path":"monday.db"}'), client.threads.create()])
    expect({ status, path: body['path'] }).toEqual({ status: 200, path: join(folder, 'backups/monday.db') })
    const copy = new Database(body['path'], { readonly: true })
    expect(copy.prepare('SELECT thread_id FROM threads').pluck().all()).toContain(thread_id)
    copy.close()
  })

  test('has a name of its own when none is given, and takes none that is taken', async () => {
    const { status, body } = await post('/studio/api/backup')
    expect({ status, path: body['path'] }).toEqual({ status: 200, path: expect.stringMatching(/backups\/superstep-[\dT-]+\.db$/) as string })
    expect(await post('/studio/api/backup', '{"path":"a.db"}')).toMatchObject({ status: 200 })
    expect(await post('/studio/api/backup', '{"path":"a.db"}')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  test.each(['../escaped.db', '/tmp/escaped.db', 'sub/escaped.db', '..', '.hidden', 'a\\b', 'a\u0000b', ''])('is refused a path that leads elsewhere: %j', async (path) => {
    expect(await post('/studio/api/backup', JSON.stringify({ path }))).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    expect(existsSync(join(folder, 'backups'))).toBe(false)
    expect(readdirSync(folder)).not.toContain('escaped.db')
  })
})

test('an import that is larger than a body may be is refused', async () => {
  await server.stop(0)
  server = await startTestServer({ bodyLimit: 1000 })
  const header = '{"format":"superstep-threads","version":1}\n'
  expect(await post('/studio/api/threads/import', header + ' '.repeat(2000), 'application/x-ndjson')).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
})

test('the status of the project says that its database is sound', async () => {
  const project = await (await fetch(`${server.url}/studio/api/project`)).json() as { storage: object }
  expect(project.storage).toMatchObject({ problem: null })
})
