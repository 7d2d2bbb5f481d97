import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeValue } from '../domain/encode-value.ts'
import { jsonView } from '../domain/json-view.ts'
import { createSqliteStorage } from '../storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { NOW, runRow, threadRow } from '../storage/testing/rows.ts'
import { exportThreads } from './export-threads.ts'
import { importThreads } from './import-threads.ts'
import { readThreadFile } from './read-thread-file.ts'

const [SOURCE, COPY] = [randomUUID(), randomUUID()]
// As ids are when the clock was set back: the newest is not the highest.
const IDS = ['3', '1', '2', '0'].map((n) => `${n}f000000-0000-6000-8000-000000000000`)

let from: Storage
let to: Storage
beforeEach(async () => {
  [from, to] = [createSqliteStorage(':memory:'), createSqliteStorage(':memory:')]
  await from.threads.insert(threadRow(SOURCE))
  for (const n of [0, 1, 2]) await put(SOURCE, n)
})
afterEach(() => Promise.all([from.close(), to.close()]))

const notes = (n: number) => Array.from({ length: 60 }, (_, i) => `note ${i} of ${n < 0 ? 'all' : n} `.repeat(40))

function stored(value: unknown) {
  const pieces = new Map<string, Uint8Array>()
  return { text: encodeValue(value, (hash, json) => pieces.set(hash, Buffer.from(json))), pieces }
}

async function put(thread_id: string, n: number): Promise<void> {
  const [value, result] = [stored(notes(n)), stored(notes(-1))]
  await from.checkpoints.put({
    thread_id, checkpoint_ns: '', checkpoint_id: IDS[n]!, parent_checkpoint_id: n === 0 ? null : IDS[n - 1]!, run_id: null, metadata: { step: n }, body: {},
    channels: { notes: value.text }, keys: ['notes'], overrides: null, root: null, next: [], tasks: [], created_at: NOW,
  }, value.pieces)
  await from.checkpoints.putWrites({ thread_id, checkpoint_ns: '', checkpoint_id: IDS[n]! }, [{ task_id: 't', idx: 0, channel: 'notes', value: result.text, run_id: null }], result.pieces)
}

/** Everything of a thread, newest first, with its values in full. */
const shownBy = ({ checkpoints }: Storage, id: string) => checkpoints.list(id, null, { before: null, limit: null, metadata: null }).map((row) => ({
  ...row, thread_id: null, channels: jsonView(row.channels['notes']!, checkpoints.piece),
  writes: checkpoints.writes(id, '', row.checkpoint_id).map((write) => jsonView(write.value, checkpoints.piece)),
}))

async function* bytesOf(...ids: string[]): AsyncIterable<Uint8Array> {
  for await (const text of exportThreads(from, ids, NOW)) yield Buffer.from(text)
}
const move = async (...ids: string[]) => importThreads(to, await readThreadFile(bytesOf(...ids), 1e8))

test('a thread whose clock was set back keeps the order of its checkpoints', async () => {
  expect(await move(SOURCE)).toMatchObject([{ thread_id: SOURCE, checkpoints: 3 }])
  expect(shownBy(to, SOURCE).map((row) => row.checkpoint_id)).toEqual([IDS[2], IDS[1], IDS[0]])
  expect(shownBy(to, SOURCE)).toEqual(shownBy(from, SOURCE))
})

test('a copy has in its file what it shares, as of when it was made, and needs its source no more', async () => {
  await from.threads.copy(SOURCE, threadRow(COPY))
  await put(COPY, 3)
  await put(SOURCE, 2)
  const before = shownBy(from, COPY)
  expect(before).toHaveLength(4)
  await from.threads.delete(SOURCE)
  while (await from.maintain(5));
  await move(COPY)
  expect(shownBy(to, COPY)).toEqual(before)
})

test('both in one file stay apart', async () => {
  await from.threads.copy(SOURCE, threadRow(COPY))
  await put(COPY, 3)
  await move(SOURCE, COPY)
  expect(shownBy(to, SOURCE)).toEqual(shownBy(from, SOURCE))
  expect(shownBy(to, COPY)).toEqual(shownBy(from, COPY))
  await to.threads.delete(SOURCE)
  while (await to.maintain(5));
  expect(shownBy(to, COPY)).toEqual(shownBy(from, COPY))
})

test('a pruned thread has only its newest checkpoint in its file', async () => {
  await from.checkpoints.keepLatest(SOURCE)
  while (await from.maintain(5));
  await move(SOURCE)
  expect(shownBy(to, SOURCE)).toMatchObject([{ checkpoint_id: IDS[2], parent_checkpoint_id: null, channels: notes(2), writes: [notes(-1)] }])
})

test('checkpoints that follow each other in a circle are refused', async () => {
  let text = ''
  for await (const bytes of bytesOf(SOURCE)) text += Buffer.from(bytes).toString()
  const lines = text.split('\n')
  const circle = lines.map((line) => line.includes(`"checkpoint_id":"${IDS[0]!}","parent`) ? line.replace('"parent_checkpoint_id":null', `"parent_checkpoint_id":"${IDS[2]!}"`) : line).join('\n')
  await expect(readThreadFile((async function* () { yield Buffer.from(circle) })(), 1e8)).rejects.toThrow(/comes before itself\. Nothing was imported/)
})

test('a thread whose id has just become free comes back as a whole, before the old one is removed to its end', async () => {
  await move(SOURCE)
  for (let n = 0; n < 500; n++) {
    const run_id = randomUUID()
    await to.runs.create({
      run: runRow(run_id, SOURCE, { status: 'success', attempt: 1, started_at: NOW, ended_at: NOW }),
      newThread: null, onThread: (row) => row, decide: () => ({ kind: 'insert' }),
    })
  }
  await to.threads.delete(SOURCE)
  expect(await move(SOURCE)).toMatchObject([{ thread_id: SOURCE, checkpoints: 3 }])
  expect(shownBy(to, SOURCE)).toEqual(shownBy(from, SOURCE))
  expect(to.runs.list(SOURCE, { status: null, newestFirst: false }, null)).toEqual([])
})
