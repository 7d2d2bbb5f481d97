// A run's events, read again from the first to the last.
import { follow } from './http.mjs'

/**
 * Ids rise, what clients heard before is told again byte for byte with nothing between, an error is the last word, and the stream
 * ends. Remembers the whole, to compare it after the next restart.
 */
export async function checkReplay({ url }, run, ledger) {
  const events = []
  const { status, isComplete } = await follow(url, 'GET', `/threads/${run.threadId}/runs/${run.runId}/stream`, undefined, { lastId: -1, onEvent: (event) => void events.push(event) })
  const wrong = (what, details) => ledger.violate(`Replay of run ${run.token} (${run.runId}): ${what}`, details)
  if (status !== 200 || !isComplete) return wrong(`answered with ${status}, ${isComplete ? 'ended' : 'cut off'}`)
  if (events.some(({ id }, i) => i > 0 && id <= events[i - 1].id)) wrong('ids do not rise')
  const errors = events.filter(({ event }) => event === 'error').length
  if (errors > 1 || (errors === 1 && events.at(-1).event !== 'error')) wrong('more than one end')
  if (run.ended === 'success' && errors) wrong('a success with an error')

  const text = new Map(events.map(({ id, event, data }) => [id, `${event}\n${data}`]))
  for (const { after, last } of run.ranges) compareRange({ after, last }, { run, text, wrong })
  const whole = JSON.stringify(events)
  if (run.replayed !== undefined && run.replayed !== whole) wrong('differs from the replay before')
  run.replayed = whole
  run.attempts = events.filter(({ event }) => event === 'metadata').length
}

/** What one connection heard must be all there is between where it began and its last event. */
function compareRange({ after, last }, { run, text, wrong }) {
  const isIn = (id) => id > after && id <= last
  for (const id of run.seen.keys()) if (isIn(id) && text.get(id) !== run.seen.get(id)) wrong(`event ${id} was heard, but is ${text.has(id) ? 'different' : 'missing'} now`, { heard: run.seen.get(id), now: text.get(id) })
  for (const id of text.keys()) if (isIn(id) && !run.seen.has(id)) wrong(`event ${id} was not heard by a reader of ${after}..${last}`)
}
