import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeValue } from '../../domain/encode-value.ts'
import { jsonView } from '../../domain/json-view.ts'
import { repairDatabase } from './repair-database.ts'
import { createSqliteStorage } from './sqlite-storage.ts'

const NOW = '2026-01-01T00:00:00.000Z'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-upgrade-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const notes = Array.from({ length: 300 }, (_, i) => ({ text: `${i} `.repeat(100) }))

/** As the first schema wrote it, parts of a value after what they are part of. */
function writeFirstSchema(file: string): string {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.exec(readFileSync(join(import.meta.dirname, 'migrations/0001-platform.sql'), 'utf8'))
  db.pragma('user_version = 1')
  const thread = db.prepare(`INSERT INTO threads (thread_id, status, metadata, config, interrupts, event_seq, created_at, updated_at, state_updated_at) VALUES (?, 'idle', '{}', '{}', '{}', 1, @now, @now, @now)`)
  for (const id of ['empty', 't']) thread.run(id, { now: NOW })
  const pieces: [string, string][] = []
  const text = encodeValue(notes, (hash, json) => pieces.unshift([hash, json]))
  for (const [hash, json] of [...pieces, ['unused', '"x"']]) db.prepare('INSERT INTO pieces (hash, json) VALUES (?, ?) ON CONFLICT DO NOTHING').run(hash, Buffer.from(json!))
  const checkpoint = db.prepare(`INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, run_id, metadata, body, channels, keys, created_at) VALUES ('t', '', ?, ?, 'r', '{"step":1}', '{}', ?, '["notes"]', ?)`)
  checkpoint.run('1', null, JSON.stringify({ notes: text }), NOW)
  checkpoint.run('2', '1', JSON.stringify({ notes: '[]' }), NOW)
  const write = db.prepare(`INSERT INTO checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, value, run_id) VALUES ('t', '', '2', 'x', ?, 'c', ?, 'r')`)
  write.run(0, '"ordinary"')
  write.run(-3, '"special"')
  db.prepare(`INSERT INTO runs (run_id, thread_id, assistant_id, graph_id, status, metadata, kwargs, multitask_strategy, temporary, due_at, created_at, updated_at, ended_at) VALUES ('r', 't', 'a', 'g', 'success', '{}', '{}', 'enqueue', 0, 0, @now, @now, @now)`).run({ now: NOW })
  db.prepare(`INSERT INTO events (thread_id, seq, run_id, event, data) VALUES ('t', 1, 'r', 'values', ?)`).run(Buffer.from('{}'))
  db.close()
  return file
}

test('a database of the first schema keeps everything, and its values survive the background work', async () => {
  const storage = createSqliteStorage(writeFirstSchema(join(folder, 'old.db')))
  while (await storage.maintain(5));
  const [second, first] = storage.checkpoints.list('t', '', { before: null, limit: null, metadata: null })
  expect(second).toMatchObject({ thread_id: 't', checkpoint_id: '2', parent_checkpoint_id: '1', run_id: 'r', keys: ['notes'], metadata: { step: 1 } })
  expect(jsonView(first!.channels['notes']!, storage.checkpoints.piece)).toEqual(notes)
  expect(storage.checkpoints.writes('t', '', '2').map(({ idx, value }) => [idx, value])).toEqual([[-3, '"special"'], [0, '"ordinary"']])
  expect(storage.runs.get('r')?.status).toBe('success')
  expect(storage.events.after({ thread_id: 't', run_id: 'r' }, 0, 10)).toMatchObject({ first: 1, last: 1 })
  expect(storage.checkpoints.list('empty', null, { before: null, limit: null, metadata: null })).toEqual([])
  expect(() => storage.checkpoints.piece('unused')).toThrow(/missing/)
  await storage.threads.delete('t')
  while (await storage.maintain(5));
  await storage.close()
  const db = new Database(join(folder, 'old.db'), { readonly: true })
  expect(['checkpoints', 'checkpoint_writes', 'pieces', 'runs'].map((table) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get())).toEqual([0, 0, 0, 0])
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
})

test('a repair saves a damaged one of the first schema, also what belongs to a thread that was lost', async () => {
  const file = writeFirstSchema(join(folder, 'old.db'))
  const damage = new Database(file)
  damage.pragma('foreign_keys = OFF')
  damage.exec(`DELETE FROM threads WHERE thread_id = 't'; UPDATE pieces SET json = CAST('{"$":"p"' AS BLOB) WHERE hash = 'unused'`)
  damage.close()
  repairDatabase(file, new Date(NOW))
  expect(readdirSync(folder).filter((name) => /repaired|before-schema/.test(name))).toEqual([])
  const storage = createSqliteStorage(file)
  expect(storage.threads.get('t')).toMatchObject({ title: 'Recovered', status: 'idle' })
  expect(storage.checkpoints.list('t', '', { before: null, limit: null, metadata: null }).map((row) => row.checkpoint_id)).toEqual(['2', '1'])
  expect(jsonView(storage.checkpoints.get('t', '', '1')!.channels['notes']!, storage.checkpoints.piece)).toEqual(notes)
  await storage.close()
})
