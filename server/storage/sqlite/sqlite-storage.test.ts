import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeValue } from '../../domain/encode-value.ts'
import type { RunRow, Storage } from '../storage.ts'
import { itemWrite, NOW, runRow as run, threadRow as thread } from '../testing/rows.ts'
import { lockDataDir } from './lock-data-dir.ts'
import { openDatabase } from './open-database.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

let storage: Storage
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-storage-'))
  storage = createSqliteStorage(join(folder, 'superstep.db'))
})

/** Does all background work. */
async function tidy(): Promise<void> {
  while (await storage.maintain(5));
}

function count(table: string): number {
  const db = new Database(join(folder, 'superstep.db'), { readonly: true })
  const { n } = db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()!
  db.close()
  return n
}
afterEach(async () => {
  await storage.close()
  rmSync(folder, { recursive: true })
})

const create = (row: RunRow, change: { active?: 'refuse' | 'cancel' } = {}) => storage.runs.create({
  run: row, newThread: thread(row.thread_id), onThread: (current) => ({ ...current, status: 'busy' }),
  decide: (active) => active && change.active === 'refuse' ? { kind: 'refuse' } : active && change.active === 'cancel' ? { kind: 'cancel', action: 'rollback' } : { kind: 'insert' },
})
const claimAt = async (now: number, stamp: string, alone: boolean) => (await storage.runs.claimNext(now, stamp, alone, () => []))?.run ?? null
const claim = () => claimAt(1000, NOW, false)
const end = (run_id: string, status: RunRow['status'], rollback = false) =>
  storage.runs.finish({ run_id, status, error: null, thread: (current) => ({ ...current, status: 'idle' }), events: [], rollback, deleteThread: false, now: NOW })

describe('the run queue', () => {
  test('hands out the oldest due run and never two of one thread', async () => {
    await create(run('a', 't1'))
    await create(run('b', 't1'))
    await create(run('c', 't2', { due_at: 5000 }))
    expect(await claim()).toMatchObject({ run_id: 'a', status: 'running', attempt: 1 })
    expect(await claim()).toBeNull()
    expect(storage.runs.nextDue(1000)).toBe(5000)
    await end('a', 'success')
    expect(await claim()).toMatchObject({ run_id: 'b' })
    expect(await claimAt(5000, NOW, false)).toMatchObject({ run_id: 'c' })
  })

  test('of a line on one thread only the first is offered, whichever way the one before it goes', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await create(run(id, 't1'))
    await create(run('other', 't2'))
    expect(await claim()).toMatchObject({ run_id: 'a' })
    expect(await claim()).toMatchObject({ run_id: 'other' })
    expect(await claim()).toBeNull()
    expect(await storage.runs.requeue('a', NOW, { refund: false, alone: false })).toBe(true)
    expect(await claim()).toMatchObject({ run_id: 'a', attempt: 2 })
    await end('a', 'success', true)
    await storage.runs.requestCancel('b', 'interrupt', NOW)
    await storage.runs.requestCancel('c', 'rollback', NOW)
    expect(await claim()).toMatchObject({ run_id: 'd' })
    await end('d', 'success')
    await storage.runs.delete('d')
    expect(await claim()).toMatchObject({ run_id: 'e' })
  })

  test('a delayed run keeps nobody of its thread waiting, and comes when it is due', async () => {
    await create(run('late', 't1', { due_at: 2000 }))
    await create(run('now', 't1', { due_at: 500 }))
    await create(run('next', 't1', { due_at: 600 }))
    expect(await claim()).toMatchObject({ run_id: 'now' })
    await end('now', 'success')
    expect(await claim()).toMatchObject({ run_id: 'next' })
    expect(await claimAt(3000, NOW, false)).toBeNull()
    await end('next', 'success')
    expect(await claimAt(3000, NOW, false)).toMatchObject({ run_id: 'late' })
  })

  test('a run that must be alone is offered to those who ask for one', async () => {
    await create(run('a', 't1'))
    await claim()
    await storage.runs.requeue('a', NOW, { refund: true, alone: true })
    expect(storage.runs.offersAlone(1000)).toBe(true)
    expect(await claim()).toBeNull()
    expect(await claimAt(1000, NOW, true)).toMatchObject({ run_id: 'a', attempt: 1, alone: true })
    expect(storage.runs.offersAlone(1000)).toBe(false)
  })

  test('ends a run once, whoever comes second', async () => {
    await create(run('a', 't1'))
    await claim()
    expect(await end('a', 'success')).not.toBeNull()
    expect(await end('a', 'error')).toBeNull()
    expect(storage.runs.get('a')?.status).toBe('success')
  })

  test('refuses, or pre-empts what is active', async () => {
    await create(run('a', 't1'))
    await claim()
    await create(run('b', 't1'))
    expect((await create(run('c', 't1'), { active: 'refuse' })).kind).toBe('busy')
    const result = await create(run('d', 't1'), { active: 'cancel' })
    expect(result).toMatchObject({ kind: 'created', cancelled: [{ run_id: 'a' }], removed: [{ run_id: 'b' }] })
    expect(storage.runs.get('a')).toMatchObject({ status: 'running', cancel: 'rollback' })
    expect(storage.runs.get('b')).toBeNull()
  })

  test('an acknowledged cancel holds, in whichever way the run ends in the same moment', async () => {
    await create(run('a', 't1'))
    await claim()
    const [asked, ended] = await Promise.all([storage.runs.requestCancel('a', 'interrupt', NOW), end('a', 'success')])
    expect(asked).toBe('stopping')
    expect(ended?.status).toBe('interrupted')
    expect(storage.runs.get('a')?.status).toBe('interrupted')
  })

  test('a claim makes its thread busy again, whatever the run before left', async () => {
    await create(run('a', 't1'))
    await claim()
    await create(run('b', 't1'))
    await end('a', 'error')
    await claim()
    expect(storage.threads.get('t1')?.status).toBe('busy')
  })

  test('a stateless run cancelled before it began leaves no thread', async () => {
    await create(run('a', 't1', { temporary: true }))
    expect(await storage.runs.requestCancel('a', 'interrupt', NOW)).toBe('ended')
    expect(storage.threads.get('t1')).toBeNull()
  })

  test('a cancelled run is not handed out again', async () => {
    await create(run('a', 't1'))
    await claim()
    expect(await storage.runs.requestCancel('a', 'interrupt', NOW)).toBe('stopping')
    expect(await storage.runs.requeue('a', NOW, { refund: false, alone: false })).toBe(false)
    await create(run('b', 't2'))
    expect(await storage.runs.requestCancel('b', 'interrupt', NOW)).toBe('ended')
    expect(await storage.runs.requestCancel('b', 'interrupt', NOW)).toBe('none')
  })
})

describe('checkpoints', () => {
  const checkpoint = (checkpoint_id: string, value: unknown, change: { parent?: string, run_id?: string } = {}) => {
    const pieces = new Map<string, Uint8Array>()
    const text = encodeValue(value, (hash, json) => pieces.set(hash, Buffer.from(json)))
    return {
      pieces,
      row: { thread_id: 't', checkpoint_ns: '', checkpoint_id, parent_checkpoint_id: change.parent ?? null, run_id: change.run_id ?? null, metadata: { step: 0 }, body: {}, channels: { notes: text }, keys: null, overrides: null, root: null, next: null, tasks: null, created_at: NOW },
    }
  }
  const put = ({ row, pieces }: ReturnType<typeof checkpoint>) => storage.checkpoints.put(row, pieces)
  const notes = (n: number) => Array.from({ length: n }, (_, i) => `${i}`.repeat(300))

  beforeEach(async () => void await storage.threads.insert(thread('t')))

  test('say which pieces are missing and write nothing until they come', async () => {
    const { row, pieces } = checkpoint('1', notes(3))
    expect((await storage.checkpoints.put(row, new Map())).missing).toHaveLength(3)
    expect(storage.checkpoints.get('t', '', null)).toBeNull()
    expect(await storage.checkpoints.put(row, pieces)).toEqual({ missing: [] })
    expect(storage.checkpoints.get('t', '', null)?.checkpoint_id).toBe('1')
  })

  test('one whose parent could not be stored is not stored either', async () => {
    await put(checkpoint('1', ['first']))
    const [failed, child] = await Promise.allSettled([
      storage.checkpoints.put({ ...checkpoint('2', ['lost'], { parent: '1' }).row, body: { text: 1n as unknown as string } }, new Map()),
      put(checkpoint('3', ['next'], { parent: '2' })),
    ])
    expect(failed.status).toBe('rejected')
    expect(child).toMatchObject({ status: 'rejected', reason: { code: 'checkpoint_not_found' } })
    expect(storage.checkpoints.list('t', '', { before: null, limit: null, metadata: null }).map((row) => row.checkpoint_id)).toEqual(['1'])
  })

  test('a piece whose own parts are gone is not taken either', async () => {
    const { row, pieces } = checkpoint('1', notes(40))
    const chunks = [...pieces].filter(([, json]) => Buffer.from(json).toString().startsWith('['))
    expect((await storage.checkpoints.put(row, new Map(chunks))).missing).toHaveLength(40)
  })

  test('a rolled back run takes its checkpoints and its writes along', async () => {
    await put(checkpoint('1', ['kept']))
    await create(run('a', 't'))
    await claim()
    await put(checkpoint('2', ['gone'], { parent: '1', run_id: 'a' }))
    await storage.checkpoints.putWrites({ thread_id: 't', checkpoint_ns: '', checkpoint_id: '1' }, [{ task_id: 'x', idx: 0, channel: 'notes', value: '1', run_id: 'a' }], new Map())
    await end('a', 'interrupted', true)
    expect(storage.checkpoints.list('t', '', { before: null, limit: null, metadata: null }).map((row) => row.checkpoint_id)).toEqual(['1'])
    expect(storage.checkpoints.writes('t', '', '1')).toEqual([])
    expect(storage.runs.get('a')).toBeNull()
  })

  test('those of a run are found by it, in its own thread', async () => {
    await put(checkpoint('1', ['before']))
    for (const id of ['2', '3', '4']) await put(checkpoint(id, [id], { parent: String(Number(id) - 1), run_id: 'a' }))
    await put({ ...checkpoint('5', ['inside'], { run_id: 'a' }), row: { ...checkpoint('5', ['inside'], { run_id: 'a' }).row, checkpoint_ns: 'sub:1' } })
    await put(checkpoint('6', ['after'], { parent: '4', run_id: 'b' }))
    await storage.threads.copy('t', thread('copy'))
    expect([storage.checkpoints.ofRun('t', 'a')?.first.checkpoint_id, storage.checkpoints.ofRun('t', 'a')?.newest.checkpoint_id]).toEqual(['2', '4'])
    expect(storage.checkpoints.ofRun('t', 'b')?.first.parent_checkpoint_id).toBe('4')
    expect([storage.checkpoints.ofRun('t', 'nobody'), storage.checkpoints.ofRun('copy', 'a')]).toEqual([null, null])
  })

  test('special writes replace, ordinary ones stay', async () => {
    const at = { thread_id: 't', checkpoint_ns: '', checkpoint_id: '1' }
    const write = (idx: number, value: string) => storage.checkpoints.putWrites(at, [{ task_id: 'x', idx, channel: 'c', value, run_id: null }], new Map())
    await write(0, '"first"')
    await write(0, '"second"')
    await write(-3, '"old"')
    await write(-3, '"new"')
    expect(storage.checkpoints.writes('t', '', '1').map(({ idx, value }) => [idx, value])).toEqual([[-3, '"new"'], [0, '"first"']])
  })

  test('garbage is what no checkpoint reaches, at any depth', async () => {
    await put(checkpoint('1', notes(40)))
    const all = count('pieces')
    expect(all).toBeGreaterThan(40)
    await storage.threads.copy('t', thread('copy'))
    await tidy()
    expect(count('pieces')).toBe(all)
    await storage.threads.delete('t')
    await tidy()
    expect(count('pieces')).toBe(all)
    await storage.threads.delete('copy')
    await tidy()
    expect(count('pieces')).toBe(0)
  })

  test('nothing is left to do while nothing was deleted', async () => {
    await put(checkpoint('1', notes(40)))
    expect(await storage.maintain(5)).toBe(false)
  })

  test('deleting a thread leaves nothing of it', async () => {
    await put(checkpoint('1', ['x']))
    await create(run('a', 't'))
    await storage.events.append('t', 'a', () => [{ event: 'values', data: Buffer.from('{}') }])
    expect(await storage.threads.delete('t')).toEqual({ activeRunIds: ['a'] })
    expect(storage.checkpoints.get('t', '', null)).toBeNull()
    expect(storage.runs.get('a')).toBeNull()
    expect(await storage.events.expire('0')).toBe(1)
    expect(storage.events.last({ thread_id: 't', run_id: 'a' })).toBe(0)
  })
})

test('the event log of a thread counts on, also after retention took its end', async () => {
  await storage.threads.insert(thread('t'))
  await create(run('r', 't'))
  const one = { event: 'values', data: Buffer.from('1') }
  expect(await storage.events.append('t', 'r', () => [one, one])).toMatchObject({ first: 1, last: 2 })
  await storage.runs.delete('r')
  expect(await storage.events.expire('9999')).toBe(1)
  expect(await storage.events.append('t', 's', () => [one])).toMatchObject({ first: 3, last: 3 })
})

test('events stay for as long as they are to be read again after their run, and go in portions', async () => {
  const event = { event: 'custom', data: Buffer.from('1') }
  for (const id of ['a', 'b']) {
    await create(run(id, id))
    await claim()
    for (let i = 0; i < 250; i++) await storage.events.append(id, id, () => [event])
  }
  expect(await storage.events.expire('9999')).toBe(0)
  await end('a', 'success')
  expect(await storage.events.expire(NOW)).toBe(0)
  expect(await storage.events.expire('2026-01-01T00:00:00.001Z')).toBe(250)
  expect(storage.events.after({ thread_id: 'a', run_id: 'a' }, 0, 1000)).toBeNull()
  expect(storage.events.last({ thread_id: 'b', run_id: 'b' })).toBe(250)
})

test('the log of a temporary run outlives its thread for as long as any other', async () => {
  await create(run('a', 't', { temporary: true }))
  await claim()
  await storage.runs.finish({ run_id: 'a', status: 'success', error: null, thread: (current) => current, events: [{ event: 'end', data: Buffer.from('1') }], rollback: false, deleteThread: true, now: NOW })
  expect(storage.threads.get('t')).toBeNull()
  expect(await storage.events.expire(NOW)).toBe(0)
  expect(storage.events.last({ thread_id: 't', run_id: 'a' })).toBe(1)
  expect(await storage.events.expire('9999')).toBe(1)
})

test('events of an older database become batches that read the same', async () => {
  const file = join(folder, 'old.db')
  const old = new Database(file)
  old.exec(readFileSync(join(import.meta.dirname, 'migrations/0001-platform.sql'), 'utf8'))
  old.pragma('user_version = 1')
  old.exec(`INSERT INTO threads VALUES ('t', NULL, 'idle', '{}', '{}', '{}', NULL, 2, '', '', '');
    INSERT INTO events VALUES ('t', 1, 'r', 'metadata', CAST('{"ü":1}' AS BLOB)), ('t', 2, 'r', 'values|a:1', CAST('2' AS BLOB))`)
  old.close()
  const opened = createSqliteStorage(file)
  const page = opened.events.after({ thread_id: 't', run_id: 'r' }, 0, 1000)
  expect(Buffer.from(page!.bytes).toString('utf8')).toBe('id: 1\nevent: metadata\ndata: {"ü":1}\n\nid: 2\nevent: values|a:1\ndata: 2\n\n')
  expect(await opened.events.expire('9999')).toBe(2)
  await opened.close()
})

test('a search by metadata takes keys as data, however hostile', async () => {
  await storage.threads.insert(thread('t', { metadata: { 'x\') OR 1=1 --': 1, graph_id: 'g' } }))
  const found = (metadata: object) => storage.threads.search({ metadata: metadata as Record<string, unknown> }, { by: 'created_at', descending: true }, null).total
  expect(found({ 'x\') OR 1=1 --': 1 })).toBe(1)
  expect(found({ 'y\') OR 1=1 --': 1 })).toBe(0)
  expect(found({ graph_id: 'g' })).toBe(1)
  expect(found({ graph_id: 5 })).toBe(0)
})

test('labels of a namespace can not be confused with their neighbours', async () => {
  await storage.items.put([['a'], ['a', 'b'], ['a,b'], ['ab'], ['a"', 'b']].map((namespace) => itemWrite(namespace, 'k', {})), 0)
  expect((await storage.items.search({ namespace_prefix: ['a'] }, 0)).map((item) => item.namespace)).toEqual([['a', 'b'], ['a']])
  expect(storage.items.namespaces({ prefix: ['a'], max_depth: 1 }, 0)).toEqual([['a']])
})

test('a database of a newer version, and a damaged one, are refused and left alone', () => {
  const newer = join(folder, 'newer.db')
  openDatabase(newer).pragma('user_version = 999')
  expect(() => openDatabase(newer)).toThrow(/newer Superstep/)
  const damaged = join(folder, 'damaged.db')
  writeFileSync(damaged, 'this is no database, but a text that somebody left here. '.repeat(50))
  expect(() => openDatabase(damaged)).toThrow(/can't be opened/)
  expect(readFileSync(damaged, 'utf8')).toMatch(/^this is no database/)
})

test('a data directory has one server, and says which', () => {
  const lock = lockDataDir(folder)
  lock.announce('http://127.0.0.1:2024')
  expect(() => lockDataDir(folder)).toThrow(/http:\/\/127\.0\.0\.1:2024/)
  lock.release()
  lockDataDir(folder).release()
})
