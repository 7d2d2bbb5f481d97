/** An event that has no number yet. `data` is JSON as UTF-8, serialised once, where the event arose. */
export interface NewEvent { readonly event: string, readonly data: Uint8Array }

/**
 * Consecutive events of one run as server-sent events: `bytes` is what the log stores and what every reader gets, live
 * or later. `first` and `last` are the numbers (SSE ids) of the events at its ends.
 */
export interface EventBatch { readonly first: number, readonly last: number, readonly bytes: Uint8Array }

/** One event in a batch: `bytes[start, end)` is its whole frame. */
export interface BatchedEvent { readonly seq: number, readonly event: string, readonly data: Uint8Array, readonly start: number, readonly end: number }

const LF = 10
const SPACE = 32
const FRAME_END = 2
const ID = 'id: '.length
const EVENT = 'event: '.length
const DATA = 'data: '.length

const oneLine = (text: string) => text.replace(/[\r\n\0]/g, ' ')

/** Numbers the events from `first` on. There must be at least one. */
export function encodeBatch(first: number, events: readonly NewEvent[]): EventBatch {
  const heads = events.map(({ event }, i) => `id: ${first + i}\nevent: ${oneLine(event)}\ndata: `)
  const size = events.reduce((sum, { data }, i) => sum + Buffer.byteLength(heads[i]!) + data.length + FRAME_END, 0)
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const [i, { data }] of events.entries()) {
    at += bytes.write(heads[i]!, at)
    bytes.set(data, at)
    keepOnOneLine(bytes.subarray(at, at += data.length))
    bytes.fill(LF, at, at += FRAME_END)
  }
  return { first, last: first + events.length - 1, bytes }
}

/** A worker that writes JSON over several lines would end the frame early; between JSON's tokens a space is as good. */
function keepOnOneLine(data: Buffer): void {
  for (const lineBreak of [LF, 13]) for (let at = data.indexOf(lineBreak); at !== -1; at = data.indexOf(lineBreak, at)) data[at] = SPACE
}

/** The events of a batch, in order. */
export function* eventsIn({ bytes }: Pick<EventBatch, 'bytes'>): Generator<BatchedEvent> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start < buffer.length;) {
    const idEnd = buffer.indexOf(LF, start)
    const eventEnd = buffer.indexOf(LF, idEnd + 1)
    const dataEnd = buffer.indexOf(LF, eventEnd + 1)
    const end = dataEnd + FRAME_END
    yield {
      seq: Number(buffer.toString('latin1', start + ID, idEnd)), event: buffer.toString('utf8', idEnd + 1 + EVENT, eventEnd),
      data: buffer.subarray(eventEnd + 1 + DATA, dataEnd), start, end,
    }
    start = end
  }
}

/** The bytes of those events that `isWanted`; the batch's own when that is all of them. */
export function pickEvents(batch: EventBatch, isWanted: (event: string, seq: number) => boolean): Uint8Array {
  const ranges: { start: number, end: number }[] = []
  for (const { event, seq, start, end } of eventsIn(batch)) {
    if (!isWanted(event, seq)) continue
    const before = ranges.at(-1)
    if (before?.end === start) before.end = end
    else ranges.push({ start, end })
  }
  const parts = ranges.map(({ start, end }) => batch.bytes.subarray(start, end))
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** What of a batch comes after the event `seq`, of which there must be something. */
export function cutAfter(batch: EventBatch, seq: number): EventBatch {
  if (batch.first > seq) return batch
  return { first: seq + 1, last: batch.last, bytes: pickEvents(batch, (_event, own) => own > seq) }
}

/** What of a batch comes up to the event `seq`, null where that is nothing. */
export function cutUpTo(batch: EventBatch, seq: number): EventBatch | null {
  if (batch.last <= seq) return batch
  if (batch.first > seq) return null
  return { first: batch.first, last: seq, bytes: pickEvents(batch, (_event, own) => own <= seq) }
}

/** Batches that follow one another as one. */
export function joinBatches(batches: readonly [EventBatch, ...EventBatch[]]): EventBatch {
  if (batches.length === 1) return batches[0]
  return { first: batches[0].first, last: batches.at(-1)!.last, bytes: Buffer.concat(batches.map(({ bytes }) => bytes)) }
}
