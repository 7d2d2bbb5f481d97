import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { itemWrite } from '../testing/rows.ts'
import { createSqliteStorage } from './sqlite-storage.ts'
import type * as walSync from './wal-sync.ts'
import { createWriteQueue } from './write-queue.ts'

/** What the kernel says to the next syncs of a file's log, before it takes the pages for written. */
const refusals = vi.hoisted(() => [] as Error[])
vi.mock(import('./wal-sync.ts'), async (original) => {
  const { createWalSync } = await original() as typeof walSync
  return {
    createWalSync: (file) => {
      const log = createWalSync(file)
      return { ...log, sync: () => refusals.length ? Promise.reject(refusals.shift()!) : log.sync() }
    },
  }
})

const table = () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (n INTEGER UNIQUE)')
  const add = db.prepare('INSERT INTO t VALUES (?)')
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM t')
  return { db, add: (n: number) => () => add.run(n).changes, count: () => count.get()!.n }
}

/** A disk whose syncs end when the test says so. */
function slowDisk() {
  const syncs: PromiseWithResolvers<void>[] = []
  return {
    syncs,
    sync: () => {
      const promised = Promise.withResolvers<void>()
      syncs.push(promised)
      return promised.promise
    },
  }
}

const isSettled = async (promise: Promise<unknown>) => {
  const waiting = Symbol('waiting')
  return await Promise.race([promise.catch(() => {}), new Promise((resolve) => void setImmediate(() => resolve(waiting)))]) !== waiting
}

describe('group commit', () => {
  test('one that throws takes only itself back', async () => {
    const { db, add, count } = table()
    const { write } = createWriteQueue(db)
    const results = await Promise.allSettled([write(add(1)), write(add(1)), write(add(2))])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(count()).toBe(2)
  })

  test('a write is answered when the disk has it, a commit when readers see it', async () => {
    const { db, add, count } = table()
    const disk = slowDisk()
    const queue = createWriteQueue(db, { sync: disk.sync })
    const written = queue.write(add(1))
    await queue.commit(add(2))
    expect(count()).toBe(2)
    expect(await isSettled(written)).toBe(false)
    disk.syncs[0]!.resolve()
    expect(await written).toBe(1)
  })

  test('what is committed while the disk syncs waits for the next sync, all in one', async () => {
    const { db, add } = table()
    const disk = slowDisk()
    const queue = createWriteQueue(db, { sync: disk.sync })
    const first = queue.write(add(1))
    await queue.commit(add(2))
    const second = queue.write(add(3))
    await queue.commit(add(4))
    const third = queue.write(add(5))
    await queue.commit(add(6))
    expect(disk.syncs).toHaveLength(1)
    disk.syncs[0]!.resolve()
    await first
    expect(await isSettled(second)).toBe(false)
    expect(disk.syncs).toHaveLength(2)
    disk.syncs[1]!.resolve()
    expect(await Promise.all([second, third])).toEqual([1, 1])
  })

  test('a disk that fails is told to those who waited for it, and later writes are tried again', async () => {
    const { db, add } = table()
    const disk = slowDisk()
    const queue = createWriteQueue(db, { sync: disk.sync })
    const failed = queue.write(add(1))
    await queue.commit(add(2))
    disk.syncs[0]!.reject(new Error('EIO'))
    await expect(failed).rejects.toThrow('EIO')
    const next = queue.write(add(3))
    await queue.commit(add(4))
    disk.syncs[1]!.resolve()
    expect(await next).toBe(1)
  })

  test('nothing is committed while it is held', async () => {
    const { db, add, count } = table()
    const queue = createWriteQueue(db)
    const held = Promise.withResolvers<void>()
    queue.hold(held.promise)
    const written = queue.write(add(1))
    expect(await isSettled(written)).toBe(false)
    expect(count()).toBe(0)
    held.resolve()
    await written
    expect(count()).toBe(1)
  })
})

describe('a database file', () => {
  let folder: string
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'superstep-wal-')) })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('gets its log copied while the server runs, and holds all that was written', async () => {
    const file = join(folder, 'superstep.db')
    const storage = createSqliteStorage(file)
    const value = { text: 'x'.repeat(60_000) }
    await vi.waitFor(async () => {
      await Promise.all(Array.from({ length: 40 }, (_, i) => storage.items.put([itemWrite(['n'], `${i}-${Math.round(performance.now())}`, value)], 0)))
      expect(statSync(file).size).toBeGreaterThan(4_000_000)
    }, { timeout: 20_000, interval: 50 })
    const keys = (await storage.items.search({ namespace_prefix: ['n'], limit: 100_000 }, 0)).map((item) => item.key)
    await storage.close()
    const again = createSqliteStorage(file)
    expect((await again.items.search({ namespace_prefix: ['n'], limit: 100_000 }, 0)).map((item) => item.key)).toEqual(keys)
    await again.close()
  })

  test('begins its log anew after a sync that failed, before anything else is promised', async () => {
    const file = join(folder, 'superstep.db')
    const storage = createSqliteStorage(file)
    const put = (key: string) => storage.items.put([itemWrite(['n'], key, { text: 'x'.repeat(60_000) })], 0)
    await put('before')
    expect(statSync(file).size).toBeLessThan(60_000)
    refusals.push(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
    await expect(put('refused')).rejects.toMatchObject({ code: 'storage_failed' })
    await put('after')
    // What the kernel lost is in the database itself now.
    expect(statSync(file).size).toBeGreaterThan(120_000)
    await put('later')
    expect(statSync(`${file}-wal`).size).toBeLessThan(180_000)
    await storage.close()
  })
})
