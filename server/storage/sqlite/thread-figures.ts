import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { pieceRefs } from '../../domain/piece-refs.ts'
import type { ThreadStorage } from '../storage.ts'
import { EVERYTHING, type Segments, type SegmentView } from './segments.ts'

const PAGE = 100
const SLICE_MS = 5

interface CheckpointFacts { checkpoint_ns: string, checkpoint_id: string, epoch: number, channels: string, overrides: string | null, bytes: number }
interface WriteFacts { checkpoint_ns: string, checkpoint_id: string, task_id: string, idx: number, epoch: number, value: string, bytes: number }

/**
 * Adds up what a thread sees, in slices between which others have their turn: a long thread takes long and blocks nobody.
 * Bytes are those of the stored texts; keys and indexes are not counted. A piece counts once, in the channel that is found
 * to hold it first, also when other threads share it.
 */
export function createThreadFigures(db: Database, segments: Segments): (threadId: string) => Promise<ThreadStorage> {
  const checkpoints = db.prepare<unknown[], CheckpointFacts>(`SELECT checkpoint_ns, checkpoint_id, epoch, channels, overrides,
      octet_length(metadata) + octet_length(body) + coalesce(octet_length(keys), 0) + coalesce(octet_length(next), 0) + coalesce(octet_length(tasks), 0) AS bytes
    FROM checkpoints WHERE segment = @segment AND epoch <= @upto AND (checkpoint_ns, checkpoint_id, epoch) > (@checkpoint_ns, @checkpoint_id, @epoch)
    ORDER BY checkpoint_ns, checkpoint_id, epoch LIMIT ${PAGE}`)
  const KEY = 'checkpoint_ns, checkpoint_id, task_id, idx, epoch'
  const writes = db.prepare<unknown[], WriteFacts>(`SELECT ${KEY}, value, octet_length(value) AS bytes FROM checkpoint_writes
    WHERE segment = @segment AND epoch <= @upto AND (${KEY}) > (@checkpoint_ns, @checkpoint_id, @task_id, @idx, @epoch) ORDER BY ${KEY} LIMIT ${PAGE}`)
  const piece = db.prepare<[string], { bytes: number, json: Uint8Array | null }>('SELECT length(json) AS bytes, CASE has_refs WHEN 1 THEN json END AS json FROM pieces WHERE hash = ?')
  const START = { checkpoint_ns: '', checkpoint_id: '', task_id: '', idx: Number.MIN_SAFE_INTEGER, epoch: -1 }

  async function* pages<T extends object>(query: (place: object) => T[], view: SegmentView): AsyncGenerator<T> {
    for (let place: object = START; ;) {
      const rows = query({ ...place, segment: view.segment, upto: view.upto })
      yield* rows
      if (rows.length < PAGE) return
      place = rows.at(-1)!
    }
  }

  return async (threadId) => {
    const figures: ThreadStorage = {
      checkpoints: { count: 0, bytes: 0 }, channel_values: { count: 0, bytes: 0, by_channel: {} }, pending_writes: { count: 0, bytes: 0 }, shared_bytes: 0,
    }
    const counted = new Set<string>()
    const versions = new Set<string>()
    let sliceEnd = performance.now() + SLICE_MS

    async function breathe(): Promise<void> {
      if (performance.now() < sliceEnd) return
      await nextTurn()
      sliceEnd = performance.now() + SLICE_MS
    }

    /** Of a text and all pieces behind it that were not counted yet. */
    async function bytesOf(text: string): Promise<number> {
      let bytes = Buffer.byteLength(text)
      for (const open = pieceRefs(text); open.length; await breathe()) {
        const hash = open.pop()!
        if (counted.has(hash)) continue
        counted.add(hash)
        const row = piece.get(hash)
        bytes += row?.bytes ?? 0
        if (row?.json) open.push(...pieceRefs(Buffer.from(row.json).toString('utf8')))
      }
      return bytes
    }

    async function countValue(channel: string, text: string): Promise<number> {
      const version = `${channel} ${text}`
      if (versions.has(version)) return 0
      versions.add(version)
      const bytes = await bytesOf(text)
      const known = figures.channel_values.by_channel[channel] ??= { versions: 0, bytes: 0 }
      known.versions++
      known.bytes += bytes
      figures.channel_values.count++
      figures.channel_values.bytes += bytes
      return bytes
    }

    for (const view of segments.viewsOf(threadId)) {
      const share = (bytes: number) => {
        if (view.upto !== EVERYTHING) figures.shared_bytes += bytes
      }
      for await (const row of pages((place) => checkpoints.all(place), view)) {
        figures.checkpoints.count++
        figures.checkpoints.bytes += row.bytes
        share(row.bytes)
        for (const text of [row.channels, row.overrides ?? '{}'])
          for (const [channel, value] of Object.entries(JSON.parse(text) as Record<string, string>)) share(await countValue(channel, value))
        await breathe()
      }
      for await (const row of pages((place) => writes.all(place), view)) {
        const bytes = await bytesOf(row.value)
        figures.pending_writes.count++
        figures.pending_writes.bytes += bytes
        share(bytes)
        await breathe()
      }
    }
    return figures
  }
}
