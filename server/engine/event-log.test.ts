import { expect, test } from 'vitest'
import type { LoggedEvent } from '../contract/run.ts'
import type { Storage } from '../storage/storage.ts'
import { createEventLog } from './event-log.ts'

/** Rows can be read at once; the disk's word that they are safe comes when `sync` is called. */
function slowDisk() {
  const rows: LoggedEvent[] = []
  const { promise: synced, resolve: sync } = Promise.withResolvers<void>()
  const events: Storage['events'] = {
    append: async (_threadId, run_id, added) => {
      const logged = added.map(({ event, data }) => ({ seq: rows.length + 1, run_id, event, data }))
      rows.push(...logged)
      await synced
      return logged
    },
    ofRun: (_runId, after, limit) => rows.filter(({ seq }) => seq > after).slice(0, limit),
    expire: async () => 0,
  }
  return { storage: { events } as Storage, sync }
}

async function idsOf(events: AsyncIterable<LoggedEvent>) {
  const ids: number[] = []
  for await (const { seq } of events) ids.push(seq)
  return ids
}

test.each([[-1, [1]], [1, []]])('who joins with %i between the commit and the sync of an event hears it at most once', async (lastId, heard) => {
  const { storage, sync } = slowDisk()
  const log = createEventLog(storage)
  log.open('run')
  const appended = log.append('thread', 'run', [{ event: 'custom', data: new Uint8Array() }])
  const reading = idsOf(log.read('run', lastId, new AbortController().signal))
  sync()
  await appended
  log.close('run')
  expect(await reading).toEqual(heard)
})
