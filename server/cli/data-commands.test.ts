import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import { threadRow } from '../storage/testing/rows.ts'
import { createFolder, spawnCli, startCli, type RunningCli } from './testing/start-cli.ts'

let project: ReturnType<typeof createFolder>
let data: string
let file: string
let server: RunningCli | null = null
beforeEach(() => {
  project = createFolder({ 'langgraph.json': '{"graphs": {"agent": "./agent.ts:graph"}}', 'agent.ts': 'export const graph = 1' })
  data = join(project.folder, '.superstep')
  file = join(data, 'superstep.db')
})
afterEach(async () => {
  if (server) await server.end('SIGKILL')
  server = null
  project.remove()
})

async function run(...args: string[]): Promise<{ code: number | null, output: string }> {
  const { exited, output } = spawnCli([...args, '--config', project.folder])
  const code = await exited
  expect(output()).not.toMatch(/\n\s+at /)
  return { code, output: output() }
}

async function startServer(): Promise<Client> {
  server = await startCli(['--config', project.folder, '--port', '0'])
  return new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
}

async function createDatabase(...threadIds: string[]): Promise<void> {
  project.write('.superstep/.gitignore', '*\n')
  const storage = createSqliteStorage(file)
  for (const thread_id of threadIds) await storage.threads.insert(threadRow(thread_id))
  await storage.close()
}

const threadIds = (path: string) => {
  const db = new Database(path, { readonly: true })
  const ids = db.prepare('SELECT thread_id FROM threads ORDER BY thread_id').pluck().all()
  db.close()
  return ids
}

describe('on a database that nobody uses', () => {
  test('check says that it is sound, or what is wrong and what to do', async () => {
    await createDatabase('a')
    expect(await run('check')).toMatchObject({ code: 0, output: expect.stringContaining('is sound.') as string })
    new Database(file).exec(`UPDATE threads SET status = 'busy'`).close()
    expect(await run('check')).toMatchObject({ code: 1, output: expect.stringMatching(/Thread a is busy[\s\S]*superstep repair/) as string })
  })

  test('repair puts a sound database in place, keeps the other and tells what it saved', async () => {
    await createDatabase('a', 'b')
    new Database(file).exec(`UPDATE threads SET status = 'busy'`).close()
    const { code, output } = await run('repair')
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/2 {2}threads\n[\s\S]*Nothing was lost\.[\s\S]*superstep\.db\.damaged-/) as string })
    expect((await run('check')).code).toBe(0)
    expect(readdirSync(data).some((name) => name.startsWith('superstep.db.damaged-'))).toBe(true)
  })

  test('restore brings a backup back and keeps what was there', async () => {
    await createDatabase('before')
    const copy = join(project.folder, 'copies/monday.db')
    expect((await run('backup', copy)).code).toBe(0)
    expect(await run('backup', copy)).toMatchObject({ code: 1, output: expect.stringContaining('is there already') as string })
    await createDatabase('after')
    expect((await run('restore', copy)).code).toBe(0)
    expect(threadIds(file)).toEqual(['before'])
    const kept = readdirSync(data).find((name) => name.startsWith('superstep.db.replaced-'))!
    expect(threadIds(join(data, kept))).toEqual(['after', 'before'])
  })

  test('restore refuses what is no backup and changes nothing', async () => {
    await createDatabase('a')
    const before = readFileSync(file)
    const wrong = join(project.folder, 'letter.txt')
    writeFileSync(wrong, 'a letter '.repeat(1000))
    expect(await run('restore', wrong)).toMatchObject({ code: 1, output: expect.stringContaining(wrong) as string })
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(existsSync(`${file}.restored`)).toBe(false)
  })

  test('compact gives space back, lets the file shrink by itself from then on, and leaves nothing to the next start', async () => {
    await createDatabase('a')
    const db = new Database(file)
    // As a file was made before.
    db.pragma('journal_mode = DELETE')
    db.pragma('auto_vacuum = NONE')
    db.exec('VACUUM')
    db.exec(`INSERT INTO items (namespace, key, value, created_at, updated_at) VALUES ('["a"]', 'k', '{"text":"' || hex(zeroblob(500000)) || '"}', '', ''); DELETE FROM items`)
    db.close()
    expect((await run('compact')).code).toBe(0)
    expect(readFileSync(file).length).toBeLessThan(500_000)
    expect(threadIds(file)).toEqual(['a'])
    const compacted = new Database(file, { readonly: true })
    expect(compacted.pragma('auto_vacuum', { simple: true })).toBe(2)
    expect(compacted.prepare('SELECT schema FROM thread_index').pluck().get()).toBe(compacted.pragma('schema_version', { simple: true }))
    compacted.close()
  })

  test('a folder without a database is refused, and none is made', async () => {
    for (const command of [['check'], ['repair'], ['backup', join(project.folder, 'x.db')], ['compact']]) expect(await run(...command)).toMatchObject({ code: 1, output: expect.stringContaining('There is no') as string })
    expect(existsSync(data)).toBe(false)
  })
})

describe('threads in a file', () => {
  const ids = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

  test('leave one data directory and arrive in another', async () => {
    await createDatabase(...ids)
    const target = join(project.folder, 'threads.jsonl')
    expect(await run('export', '--all', '-o', target)).toMatchObject({ code: 0, output: expect.stringContaining('2 threads') as string })
    rmSync(data, { recursive: true })
    expect((await run('import', target)).code).toBe(0)
    expect(threadIds(file)).toEqual(ids)
    expect(await run('import', target)).toMatchObject({ code: 0, output: expect.stringContaining(`(was ${ids[0]}, which is taken)`) as string })
    expect(threadIds(file)).toHaveLength(4)
  })

  test('a mistake is one message: no choice, an unknown id, a file that is none', async () => {
    await createDatabase(ids[0]!)
    const target = join(project.folder, 'threads.jsonl')
    expect(await run('export', '-o', target)).toMatchObject({ code: 1, output: expect.stringContaining('--all') as string })
    expect(await run('export', ids[1]!, '-o', target)).toMatchObject({ code: 1, output: expect.stringContaining(ids[1]!) as string })
    expect(await run('import', join(project.folder, 'langgraph.json'))).toMatchObject({ code: 1, output: expect.stringContaining('Line 1: this is no file of threads') as string })
    expect(existsSync(target)).toBe(false)
    expect(threadIds(file)).toEqual([ids[0]])
  })
})

describe('while a server runs', () => {
  test('check and backup read beside it; what would change the file is refused with its address', async () => {
    const client = await startServer()
    const { thread_id } = await client.threads.create()
    const copy = join(project.folder, 'copy.db')
    expect((await run('check')).code).toBe(0)
    expect((await run('backup', copy)).code).toBe(0)
    expect(threadIds(copy)).toEqual([thread_id])
    const target = join(project.folder, 'threads.jsonl')
    expect((await run('export', thread_id, '-o', target)).code).toBe(0)
    const online = await fetch(`${server!.url}/studio/api/backup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"path":"online.db"}' })
    expect(online.status).toBe(200)
    expect(threadIds(join(data, 'backups/online.db'))).toEqual([thread_id])
    for (const command of [['repair'], ['restore', copy], ['compact'], ['import', target]]) expect(await run(...command)).toMatchObject({ code: 1, output: expect.stringContaining(server!.url) as string })
    rmSync(copy)
    expect(await client.threads.get(thread_id)).toHaveProperty('thread_id')
  })
})

test.each(['check', 'repair', 'backup', 'restore', 'compact', 'export', 'import'])('superstep %s --help has an example', async (command) => {
  const { exited, output } = spawnCli([command, '--help'])
  expect(await exited).toBe(0)
  expect(output()).toContain(`$ superstep ${command}`)
})
