import { eventsIn, type EventBatch } from './event-batch.ts'

type Values = Record<string, unknown>

/** What a run comes to, told by its events: the last state and the last failure. */
export interface FinalOutput {
  /** Takes the batches of a run in order. */
  take(batch: EventBatch): void
  /** The last `values`, with the questions that were asked after it; null when the run told none. */
  values(): unknown
  failure(): unknown
}

/** Only the last state counts, so the ones before it are never parsed. */
export function createFinalOutput(): FinalOutput {
  let values: () => unknown = () => null
  let failure: Uint8Array | null = null
  return {
    take: (batch) => {
      for (const { event, data } of eventsIn(batch)) {
        if (event === 'error') failure = data
        else if (event === 'values') values = mayBeQuestion(data) ? always(mergeInterrupt(values() as Values | null, parse(data) as Values)) : () => parse(data)
      }
    },
    values: () => values(),
    failure: () => failure && parse(failure),
  }
}

const parse = (data: Uint8Array): unknown => JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'))
const always = <T>(value: T) => () => value

/** Of an object with one key, that key is at its beginning. */
const mayBeQuestion = (data: Uint8Array): boolean => /^\s*\{\s*"__interrupt__"/.test(Buffer.from(data.subarray(0, 64)).toString('latin1'))

/** The engine tells of each interrupt in an event of its own: it belongs to the state, and to the interrupts, before it. */
const mergeInterrupt = (before: Values | null, values: Values): Values => before && Object.keys(values).length === 1
  ? { ...before, __interrupt__: [...questionsOf(before), ...questionsOf(values)] }
  : values

const questionsOf = ({ __interrupt__: questions }: Values): unknown[] => Array.isArray(questions) ? questions : []
