import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { Database as Connection } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWriteQueue } from './write-queue.ts'

let folder: string
let db: Connection
let other: Connection
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-queue-'))
  db = new Database(join(folder, 'superstep.db'), { timeout: 0 })
  db.pragma('journal_mode = WAL')
  db.exec('CREATE TABLE t (n INTEGER UNIQUE, text TEXT)')
  other = new Database(db.name, { timeout: 0 })
})
afterEach(() => {
  other.close()
  db.close()
  rmSync(folder, { recursive: true })
})

const numbers = () => db.prepare('SELECT n FROM t ORDER BY rowid').pluck().all()
const insert = (n: number, text = '') => () => db.prepare('INSERT INTO t VALUES (?, ?)').run(n, text).changes

describe('while another program holds the file', () => {
  test('writes wait in line, and the event loop goes on', async () => {
    const { write } = createWriteQueue(db)
    other.exec('BEGIN IMMEDIATE')
    let isDone = false
    const first = write(insert(1)).then(() => { isDone = true })
    for (let turn = 0; turn < 5; turn++) await nextTurn()
    const second = write(insert(2))
    expect(isDone).toBe(false)
    other.exec('COMMIT')
    await Promise.all([first, second])
    expect(numbers()).toEqual([1, 2])
  })

  test('patience ends in a refusal that says why, and later writes work again', async () => {
    const { write } = createWriteQueue(db, { patienceMs: 0 })
    other.exec('BEGIN IMMEDIATE')
    await expect(write(insert(1))).rejects.toMatchObject({ code: 'storage_busy', message: expect.stringContaining(db.name) as string })
    other.exec('COMMIT')
    await write(insert(2))
    expect(numbers()).toEqual([2])
  })

  test('draining waits for what is in line', async () => {
    const { write, drain } = createWriteQueue(db)
    other.exec('BEGIN IMMEDIATE')
    const written = write(insert(1))
    const drained = drain()
    other.exec('COMMIT')
    await drained
    expect(numbers()).toEqual([1])
    await written
  })
})

describe('on a full disk', () => {
  const fill = () => db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)

  test('what does not fit is refused, what fits is kept, and space is all it takes to go on', async () => {
    const { write } = createWriteQueue(db)
    fill()
    const [large, small] = await Promise.allSettled([write(insert(1, 'x'.repeat(100_000))), write(insert(2))])
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'storage_full' } })
    expect(numbers()).toEqual(small.status === 'fulfilled' ? [2] : [])
    db.pragma('max_page_count = 100000')
    await write(insert(3, 'x'.repeat(100_000)))
    expect(numbers()).toContain(3)
  })

  test('a transaction that SQLite took back as a whole leaves nothing, and everybody hears why', async () => {
    const { write } = createWriteQueue(db)
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    const results = await Promise.allSettled([write(insert(1)), write(() => {
      db.exec('ROLLBACK')
      throw full
    }), write(insert(3))])
    expect(results.map((result) => result.status === 'rejected' && (result.reason as { code: string }).code)).toEqual(['storage_full', 'storage_full', 'storage_full'])
    expect(numbers()).toEqual([])
    await write(insert(4))
    expect(numbers()).toEqual([4])
  })
})
