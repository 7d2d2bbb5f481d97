import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '../../contract/common.ts'
import { threadRow } from '../testing/rows.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'thread-index-')) })
afterEach(() => rmSync(folder, { recursive: true }))

const thread = (thread_id: string, metadata: JsonObject) => threadRow(thread_id, { title: `About ${thread_id}`, metadata })
const file = () => join(folder, 'superstep.db')

async function change(use: (db: Database.Database) => void): Promise<void> {
  const storage = createSqliteStorage(file())
  await Promise.all(['first', 'second', 'third'].map((id, i) => storage.threads.insert(thread(id, { user: 'ada', n: i }))))
  await storage.threads.delete('first')
  await storage.close()
  const db = new Database(file())
  use(db)
  db.close()
}

const found = async (query: object) => {
  const storage = createSqliteStorage(file())
  const { rows } = storage.threads.search(query, { by: 'thread_id', descending: false }, null)
  await storage.close()
  return rows.map((row) => row.thread_id)
}

test('threads of before the index are in it after the first opening', async () => {
  await change((db) => db.exec('DELETE FROM thread_labels; DELETE FROM thread_titles; DELETE FROM thread_index'))
  expect(await found({ metadata: { user: 'ada' } })).toEqual(['second', 'third'])
  expect(await found({ text: 'about sec' })).toEqual(['second'])
})

test('a database that was written anew row by row is indexed again', async () => {
  await change((db) => db.exec('DROP INDEX threads_by_status; UPDATE threads SET rowid = rowid + 100; CREATE INDEX threads_by_status ON threads (status) WHERE temporary = 0'))
  expect(await found({ metadata: { n: 1 } })).toEqual(['second'])
})

test('what a deleted thread leaves is nothing, also for the next one in its place', async () => {
  await change((db) => {
    expect(db.prepare('SELECT count(*) FROM thread_labels').pluck().get()).toBe(4)
    expect(db.prepare('SELECT count(*) FROM thread_titles').pluck().get()).toBe(2)
  })
})

test('a write that is taken back takes its place in the index along', async () => {
  const storage = createSqliteStorage(file())
  await storage.threads.insert(thread('kept', { user: 'ada' }))
  await expect(storage.threads.patch('kept', (row) => ({ ...row, metadata: { user: 'bob' }, status: 'lost' as 'idle' }))).rejects.toThrow('CHECK')
  await storage.close()
  expect(await found({ metadata: { user: 'ada' } })).toEqual(['kept'])
  expect(await found({ metadata: { user: 'bob' } })).toEqual([])
})
