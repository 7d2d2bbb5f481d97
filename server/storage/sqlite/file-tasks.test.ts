import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Storage } from '../storage.ts'
import { threadRow as thread } from '../testing/rows.ts'
import { openDatabase } from './open-database.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

const THREAD_ENTRY = resolve(import.meta.dirname, 'file-thread.ts')

let folder: string
let file: string
const open: Storage[] = []
const openStorage = (tell: (text: string) => void = () => {}) => {
  const storage = createSqliteStorage(file, { threadEntry: THREAD_ENTRY, tell })
  open.push(storage)
  return storage
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-tasks-'))
  file = join(folder, 'superstep.db')
})
afterEach(async () => {
  for (const storage of open.splice(0)) await storage.close()
  rmSync(folder, { recursive: true })
})

/** A file of `rows` kB whose last pages are then overwritten; `wal` is what a crash leaves. */
function damage(rows: number): void {
  const db = openDatabase(file)
  db.exec(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ${rows})
    INSERT INTO items (namespace, key, value, created_at, updated_at) SELECT '["a"]', n, '{"text":"' || hex(zeroblob(500)) || '"}', '', '' FROM i`)
  db.close()
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xff, bytes.length - 16_384, bytes.length - 4096))
  writeFileSync(`${file}-wal`, 'left by a crash')
}

describe('a backup', () => {
  test('has what was written before it, is one file, and everything goes on meanwhile', async () => {
    const storage = openStorage()
    await storage.threads.insert(thread('before'))
    const target = join(folder, 'backups/copy.db')
    const copied = storage.backup(target)
    await storage.threads.insert(thread('meanwhile'))
    expect(await copied).toBeGreaterThan(4096)
    expect(readdirSync(join(folder, 'backups'))).toEqual(['copy.db'])
    const copy = new Database(target, { readonly: true })
    expect(copy.prepare('SELECT thread_id FROM threads ORDER BY thread_id').pluck().all()).toContain('before')
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
    copy.close()
  })

  test('that can not be written leaves nothing and says why', async () => {
    const storage = openStorage()
    writeFileSync(join(folder, 'taken'), '')
    await expect(storage.backup(join(folder, 'taken/copy.db'))).rejects.toThrow(/taken/)
    expect(existsSync(join(folder, 'taken/copy.db.partial'))).toBe(false)
  })
})

describe('after a crash', () => {
  test('a small damaged file is refused before anything is served from it', () => {
    damage(500)
    expect(() => openStorage()).toThrow(/is damaged.*superstep repair/)
  })

  test('a large one is checked beside the running server, which says what it found', async () => {
    damage(9000)
    const told: string[] = []
    const storage = openStorage((text) => told.push(text))
    expect(await storage.threads.insert(thread('served'))).toBe(true)
    await vi.waitFor(() => expect(storage.problem()).toMatch(/is damaged.*superstep repair/), { timeout: 20_000 })
    expect(told).toEqual([storage.problem()])
  })

  test('a whole file is served without a word', async () => {
    const first = openStorage()
    await first.threads.insert(thread('kept'))
    const told: string[] = []
    const second = openStorage((text) => told.push(text))
    expect(second.threads.get('kept')).not.toBeNull()
    expect([second.problem(), told]).toEqual([null, []])
  })
})
