import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase, openForReading } from './open-database.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-open-'))
  file = join(folder, 'superstep.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const THREADS = 'CREATE TABLE threads (n INTEGER)'

/** A whole database of a few hundred pages. */
function fill(): void {
  const db = openDatabase(file)
  db.exec(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 500)
    INSERT INTO items (namespace, key, value, created_at, updated_at) SELECT '["a"]', n, '{"text":"' || hex(zeroblob(1000)) || '"}', '', '' FROM i`)
  db.close()
}

describe('refused with what to do, and left as it is', () => {
  const refused = (message: RegExp) => {
    const before = readFileSync(file)
    expect(() => openDatabase(file)).toThrow(message)
    expect(() => openForReading(file)).toThrow(message)
    expect(readFileSync(file).equals(before)).toBe(true)
  }

  test('a file that is no database', () => {
    writeFileSync(file, 'a text that somebody left here. '.repeat(500))
    refused(/no SQLite database.*superstep restore/)
  })

  test('a file that was cut off', () => {
    fill()
    truncateSync(file, 50_000)
    refused(/damaged.*superstep repair/)
  })

  test('a file whose first page is zeros', () => {
    fill()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 0, 4096))
    refused(/no SQLite database, or its beginning is damaged/)
  })

  test('a database of another program', () => {
    new Database(file).exec('CREATE TABLE recipes (name TEXT)').close()
    refused(/of another program.*--data-dir/)
  })

  test('a folder in its place', () => {
    mkdirSync(file)
    expect(() => openDatabase(file)).toThrow(/is a folder.*Move it away/)
  })

  test('an empty file whose log is not empty', () => {
    writeFileSync(file, '')
    writeFileSync(`${file}-wal`, 'frames')
    expect(() => openDatabase(file)).toThrow(/cut off or replaced.*superstep restore/)
    expect(readFileSync(`${file}-wal`, 'utf8')).toBe('frames')
  })

  // Rights don't bind the superuser.
  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('a file without rights', () => {
    fill()
    chmodSync(file, 0o000)
    expect(() => openDatabase(file)).toThrow(/can't be read.*rights/)
    chmodSync(file, 0o400)
    expect(() => openDatabase(file)).toThrow(/read-only.*write rights/)
  })
})

describe('a migration', () => {
  const first = { number: 1, sql: THREADS }
  const told: string[] = []
  const open = (migrations: { number: number, sql: string }[]) => openDatabase(file, { migrations, tell: (text) => told.push(text) })
  beforeEach(() => {
    told.length = 0
    const db = open([first])
    db.exec('INSERT INTO threads VALUES (7)')
    db.close()
  })

  test('keeps the file as it was before, and says where', () => {
    open([first, { number: 2, sql: 'ALTER TABLE threads ADD COLUMN colour TEXT' }]).close()
    const copy = `${file}.before-schema-2`
    expect(told).toEqual([expect.stringContaining(copy)])
    const before = new Database(copy, { readonly: true })
    expect([before.pragma('user_version', { simple: true }), before.prepare('SELECT * FROM threads').all()]).toEqual([1, [{ n: 7 }]])
    before.close()
  })

  test('that fails half way leaves nothing of itself behind', () => {
    const broken = { number: 2, sql: 'ALTER TABLE threads ADD COLUMN colour TEXT; UPDATE threads SET n = 8; INSERT INTO nowhere VALUES (1)' }
    expect(() => open([first, broken])).toThrow(/no such table: nowhere/)
    const db = open([first])
    expect([db.pragma('user_version', { simple: true }), db.prepare('SELECT * FROM threads').all()]).toEqual([1, [{ n: 7 }]])
    db.close()
  })

  test('of a new file copies nothing', () => {
    rmSync(file)
    open([first, { number: 2, sql: 'ALTER TABLE threads ADD COLUMN colour TEXT' }]).close()
    expect(existsSync(`${file}.before-schema-2`)).toBe(false)
    expect(told).toEqual([])
  })
})
