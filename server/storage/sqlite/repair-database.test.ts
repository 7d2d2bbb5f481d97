import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeValue } from '../../domain/encode-value.ts'
import { jsonView } from '../../domain/json-view.ts'
import { cronRow, threadRow } from '../testing/rows.ts'
import { checkDatabase } from './check-database.ts'
import { openDatabase, openForReading } from './open-database.ts'
import { repairDatabase } from './repair-database.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

const NOW = new Date('2026-01-01T00:00:00.000Z')
const THREADS = 60

let folder: string
let file: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-repair-'))
  file = join(folder, 'superstep.db')
  const storage = createSqliteStorage(file)
  await Promise.all(Array.from({ length: THREADS }, (_, i) => fillThread(storage, `thread-${i}`)))
  await storage.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Three checkpoints in a row, each with a text of its own. */
async function fillThread({ threads, checkpoints }: ReturnType<typeof createSqliteStorage>, thread_id: string): Promise<void> {
  const at = NOW.toISOString()
  await threads.insert(threadRow(thread_id, { metadata: { filler: 'x'.repeat(300) } }))
  for (let n = 1; n <= 3; n++) {
    const pieces = new Map<string, Uint8Array>()
    const text = encodeValue(`${thread_id} ${n} `.repeat(60), (hash, json) => pieces.set(hash, Buffer.from(json)))
    await checkpoints.put({
      thread_id, checkpoint_ns: '', checkpoint_id: String(n), parent_checkpoint_id: n === 1 ? null : String(n - 1), run_id: null, metadata: { step: n }, body: {},
      channels: { text }, keys: null, overrides: null, root: null, next: null, tasks: null, created_at: at,
    }, pieces)
  }
}

function findings(): string[] {
  const db = openForReading(file)
  try {
    return checkDatabase(db)
  } finally {
    db.close()
  }
}

function change(sql: string): void {
  const db = new Database(file)
  db.pragma('foreign_keys = OFF')
  db.exec(sql)
  db.close()
}

const count = (table: string) => {
  const db = new Database(file, { readonly: true })
  const n = db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!
  db.close()
  return n
}

const OWN = 'SELECT segment FROM thread_segments WHERE upto IS NULL AND thread_id ='
const ownOf = (id: string) => `(${OWN} '${id}')`

/** Overwrites pages of a table's rows: those at these parts of its length. Returns how many pages it has. */
function tear(table: string, ...parts: number[]): number {
  const db = new Database(file)
  const leaves = db.prepare<[string], number>(`SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`).pluck().all(table)
  db.close()
  const bytes = readFileSync(file)
  for (const page of parts.map((part) => leaves[Math.floor(leaves.length * part)]!)) bytes.fill(0xff, (page - 1) * 4096, page * 4096)
  writeFileSync(file, bytes)
  return leaves.length
}

const WAITING_RUN = `INSERT INTO runs (run_id, thread_id, assistant_id, graph_id, status, metadata, kwargs, multitask_strategy, temporary, due_at, created_at, updated_at)
  VALUES ('waiting', 'thread-1', 'a', 'g', 'pending', '{}', '{}', 'enqueue', 0, 0, 'now', 'now'); UPDATE runs SET parked = 1`
const PARTS_LAST = 'UPDATE pieces SET id = id + 100000 WHERE has_refs = 0'

/** A text that is made of many pieces. */
const LONG = Array.from({ length: 300 }, (_, i) => ({ text: `${i} `.repeat(100) }))

async function use<T>(work: (storage: ReturnType<typeof createSqliteStorage>) => Promise<T> | T): Promise<T> {
  const storage = createSqliteStorage(file)
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

async function put({ checkpoints }: ReturnType<typeof createSqliteStorage>, thread_id: string, n: number, value: unknown): Promise<void> {
  const pieces = new Map<string, Uint8Array>()
  const channels = { value: encodeValue(value, (hash, json) => pieces.set(hash, Buffer.from(json))) }
  await checkpoints.put({
    thread_id, checkpoint_ns: '', checkpoint_id: String(n), parent_checkpoint_id: n === 1 ? null : String(n - 1), run_id: null, metadata: { step: n }, body: {},
    channels, keys: null, overrides: null, root: null, next: null, tasks: null, created_at: NOW.toISOString(),
  }, pieces)
}

const historyOf = (thread: string) => use(({ checkpoints }) =>
  checkpoints.list(thread, '', { before: null, limit: null, metadata: null }).map((row) => [row.checkpoint_id, row.parent_checkpoint_id]))

/** thread-1 goes on after it was copied, and so does the copy. */
const copyAndGoOn = () => use(async (storage) => {
  const thread = storage.threads.get('thread-1')!
  await storage.threads.copy('thread-1', { ...thread, thread_id: 'copy' })
  await put(storage, 'thread-1', 4, 'the original')
  await put(storage, 'copy', 4, LONG)
})

/** One of a thread with checkpoints, one of a thread with nothing else, one of no thread. */
const addCrons = () => use(async ({ threads, crons }) => {
  await threads.insert(threadRow('bare'))
  for (const thread_id of ['thread-1', 'bare', null]) await crons.insert(cronRow(`of ${thread_id}`, { thread_id, next_due: 1 }))
})

describe('a check', () => {
  test('finds nothing in a sound database', () => expect(findings()).toEqual([]))

  test('finds nothing where threads share checkpoints, and what was deleted is still being removed', async () => {
    await copyAndGoOn()
    const db = openForReading(file)
    const segment = db.prepare(`${OWN} 'thread-2'`).pluck().get()
    db.close()
    await use(async ({ threads, checkpoints }) => {
      await threads.delete('thread-1')
      await threads.delete('thread-2')
      await checkpoints.keepLatest('thread-3')
    })
    change(`DELETE FROM checkpoints WHERE segment = ${segment} AND checkpoint_id = '1'`)
    expect(findings()).toEqual([])
  })

  test.each([
    ['a damaged page', () => tear('pieces', 0.5), /^The file is damaged: /],
    ['a missing piece', () => change('DELETE FROM pieces WHERE hash = (SELECT min(hash) FROM pieces)'), /^Checkpoint \d of thread thread-\d+ can't be read/],
    ['a piece that is not what its name says', () => change(`UPDATE pieces SET json = CAST('"another"' AS BLOB) WHERE hash = (SELECT min(hash) FROM pieces)`), /^Piece [\w-]{27} does not hold what its name says/],
    ['a missing parent', () => change(`DELETE FROM checkpoints WHERE segment = ${ownOf('thread-1')} AND checkpoint_id = '2'`), /^Checkpoint 3 of thread thread-1 follows 2, which is not there/],
    ['rows of nobody', () => change(`DELETE FROM threads WHERE thread_id = 'thread-1'`), /^Thread thread-1 has checkpoints or runs, and is not there itself/],
    ['a segment that was lost', () => change(`DELETE FROM segments WHERE segment = ${ownOf('thread-1')}`), /^Segment \d+ has checkpoints or writes, and is not there/],
    ['checkpoints that no thread sees', () => change(`DELETE FROM thread_segments WHERE thread_id = 'thread-1'`), /^Segment \d+ has checkpoints or writes that belong to no thread/],
    ['a piece that stands before its parts', async () => { await copyAndGoOn(); change(PARTS_LAST) }, /^Piece [\w-]{27} does not stand behind the pieces it is made of/],
    ['a run that waits behind nobody', () => change(WAITING_RUN), /^The runs that wait on thread thread-1 are never offered/],
    ['the cron of a thread that is gone', async () => { await addCrons(); change(`DELETE FROM threads WHERE thread_id = 'bare'`) }, /^A row of crons belongs to no row of threads/],
    ['a busy thread without a run', () => change(`UPDATE threads SET status = 'busy' WHERE thread_id = 'thread-1'`), /^Thread thread-1 is busy, and no run/],
  ])('names %s', async (_name, breakIt, finding) => {
    await breakIt()
    expect(findings()[0]).toMatch(finding)
  })
})

describe('a repair', () => {
  const repaired = () => {
    const before = readFileSync(file)
    const result = repairDatabase(file, NOW)
    expect(result.kept).toBe(`${file}.damaged-2026-01-01T00-00-00`)
    expect(readFileSync(result.kept).equals(before)).toBe(true)
    expect(findings()).toEqual([])
    expect(existsSync(`${file}.repaired`)).toBe(false)
    return result
  }

  test('keeps everything of a sound database', () => {
    repaired()
    expect([count('threads'), count('checkpoints'), count('pieces')]).toEqual([THREADS, THREADS * 3, THREADS * 3])
  })

  test('loses of a torn table what was on the page, and says so', () => {
    tear('threads', 0.5)
    const { tables, mended } = repaired()
    expect(tables.find(({ table }) => table === 'threads')).toMatchObject({ unreadable: true })
    // A thread whose row was lost keeps its checkpoints under a plain one.
    expect(mended.threadsMade).toBeGreaterThan(0)
    expect([count('threads'), count('checkpoints')]).toEqual([THREADS, THREADS * 3])
  })

  test.each(['pieces', 'checkpoints'])('finds what lies between two torn pages of %s', (table) => {
    const whole = count(table)
    const pages = tear(table, 0.25, 0.75)
    expect(pages).toBeGreaterThan(5)
    repaired()
    expect(count(table)).toBeGreaterThan(whole * (1 - 3 / pages))
  })

  test('ties the children of a lost checkpoint to the nearest ancestor', () => {
    const hash = /"h":"([\w-]+)"/.exec(encodeValue('thread-1 2 '.repeat(60), () => {}))![1]
    change(`DELETE FROM pieces WHERE hash = '${hash}'`)
    expect(repaired().mended).toMatchObject({ checkpoints: 1, relinked: 1 })
    const db = openForReading(file)
    expect(db.prepare(`SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints WHERE segment = ${ownOf('thread-1')} ORDER BY 1`).raw().all()).toEqual([['1', null], ['3', '1']])
    db.close()
  })

  test('keeps what a copy shares, and ties its own checkpoints to what is left of that', async () => {
    await copyAndGoOn()
    change(`UPDATE checkpoints SET channels = '{' WHERE segment = ${ownOf('thread-1')} AND checkpoint_id = '3'`)
    expect(findings()).toEqual([expect.stringMatching(/^Checkpoint 3 of thread thread-1 can't be read/)])
    expect(repaired().mended).toMatchObject({ checkpoints: 1, relinked: 2 })
    expect(await historyOf('copy')).toEqual([['4', '2'], ['2', '1'], ['1', null]])
    expect(await historyOf('thread-1')).toEqual([['4', '2'], ['2', '1'], ['1', null]])
  })

  test('gives checkpoints that no thread sees a thread of their own', async () => {
    change(`DELETE FROM segments WHERE segment = ${ownOf('thread-1')}; DELETE FROM thread_segments WHERE thread_id = 'thread-1'`)
    expect(repaired().mended.threadsMade).toBe(1)
    const db = openForReading(file)
    const id = db.prepare<[], string>(`SELECT thread_id FROM threads WHERE title = 'Recovered'`).pluck().get()!
    db.close()
    expect(await historyOf(id)).toEqual([['3', '2'], ['2', '1'], ['1', null]])
    await use(async (storage) => {
      await put(storage, 'thread-1', 1, 'goes on in a segment that nobody had before')
      await put(storage, id, 4, 'as does this one')
    })
    expect(findings()).toEqual([])
  })

  test('gives them back to the thread whose runs wrote them', async () => {
    change(`${WAITING_RUN}; UPDATE checkpoints SET run_id = 'waiting' WHERE segment = ${ownOf('thread-1')}; DELETE FROM thread_segments WHERE thread_id = 'thread-1'`)
    expect(repaired().mended.threadsMade).toBe(0)
    expect(await historyOf('thread-1')).toEqual([['3', '2'], ['2', '1'], ['1', null]])
    await use(async ({ runs }) => expect((await runs.claimNext(Date.now(), 'now', false, () => []))?.run.run_id).toBe('waiting'))
  })

  test('puts pieces behind their parts, so that the background work leaves values whole', async () => {
    await copyAndGoOn()
    change(`${PARTS_LAST}; UPDATE pieces SET has_refs = 0 WHERE id = (SELECT max(id) FROM pieces WHERE has_refs = 1)`)
    repaired()
    await use(async (storage) => {
      while (await storage.maintain(5));
      const { channels } = storage.checkpoints.get('copy', '', '4')!
      expect(jsonView(channels['value']!, storage.checkpoints.piece)).toEqual(LONG)
    })
  })

  test('keeps crons, but for those of threads of which nothing is left', async () => {
    await addCrons()
    change(`DELETE FROM threads WHERE thread_id IN ('thread-1', 'bare')`)
    repaired()
    await use(({ crons }) => expect(crons.due(1)).toEqual(['of thread-1', 'of null']))
  })

  test('makes the index of threads as well', () => {
    repaired()
    const db = openForReading(file)
    expect(db.prepare('SELECT schema FROM thread_index').pluck().get()).toBe(db.pragma('schema_version', { simple: true }))
    expect(db.prepare('SELECT count(DISTINCT thread) FROM thread_labels').pluck().get()).toBe(THREADS)
    db.close()
  })

  test('saves what is left of a file that was cut off', () => {
    truncateSync(file, Math.floor(readFileSync(file).length / 4096 * 0.7) * 4096)
    expect(() => openDatabase(file)).toThrow(/damaged/)
    repaired()
    expect(count('threads')).toBeGreaterThan(0)
  })

  test('of what is no database changes nothing and says what else to do', () => {
    writeFileSync(file, 'a text that somebody left here. '.repeat(500))
    expect(() => repairDatabase(file, NOW)).toThrow(/superstep restore/)
    expect(readFileSync(file, 'utf8')).toMatch(/^a text/)
    expect(existsSync(`${file}.repaired`)).toBe(false)
  })
})
