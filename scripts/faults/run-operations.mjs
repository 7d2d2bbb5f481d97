// Runs: asked for in all ways a client may, and what their answers promise.
import { setTimeout as sleep } from 'node:timers/promises'

const bodyOf = ({ graph, token, steps, pace, durability, strategy, keeps }, more = {}) => ({
  assistant_id: graph, input: { plan: { token, steps, pace } }, durability, stream_mode: ['values', 'custom'],
  ...(strategy ? { multitask_strategy: strategy } : {}), ...(keeps === undefined ? {} : { on_completion: keeps ? 'keep' : 'delete' }), ...more,
})

/** A run on a thread. One that replaces others takes away their certainty as soon as it is asked for. */
export async function startRun(context, op, more = {}) {
  const { ledger } = context
  if (op.strategy === 'interrupt' || op.strategy === 'rollback')
    for (const other of ledger.runsOn(op.thread)) if (other.ended === null) allowStop(other, op.strategy)
  const run = ledger.expectRun({ ...op, threadId: op.thread })
  await ask(context, run, `/threads/${op.thread}/runs`, bodyOf(op, more))
  return run
}

export async function startStateless(context, op) {
  // Only the plain answer tells the thread of a run that stays.
  const how = op.keeps ? 'background' : op.how
  const run = context.ledger.expectRun({ ...op, how, threadId: null, isTemporary: !op.keeps })
  await ask(context, run, '/runs', bodyOf(op))
}

export function allowStop(run, action) {
  run.outcomes.add('interrupted')
  if (action === 'rollback') run.outcomes.add('gone')
}

const ASK = { background: askInBackground, wait: askAndWait, stream: askAndFollow }
const ask = (context, run, path, body) => ASK[run.how](context, run, path, body)

async function askInBackground({ call }, run, path, body) {
  const { status, body: answer } = await call('POST', path, body)
  if (status === 200) accept(run, answer.run_id, answer.thread_id)
}

async function askAndWait({ call }, run, path, body) {
  const { status, headers, body: answer } = await call('POST', `${path}/wait`, body)
  if (status !== 200) return
  accept(run, runIdIn(headers), run.threadId)
  // The whole answer came: the run had ended, and must never be executed again.
  run.hasAnswered = answer !== null
  run.hasFailed = Object.hasOwn(Object(answer), '__error__')
}

/** Reads the run's events, goes away where the plan says so and comes back with the last id, as the official clients do. */
async function askAndFollow(context, run, path, body) {
  const drops = [...run.drops]
  let reader = createReader(context, run, -1, drops.shift())
  const first = await context.stream('POST', `${path}/stream`, body, reader)
  while (first.status === 200 && run.runId !== null && reader.hasLeft()) {
    reader = createReader(context, run, reader.lastId(), drops.shift())
    const again = await context.stream('GET', run.threadId ? `/threads/${run.threadId}/runs/${run.runId}/stream` : `/runs/${run.runId}/stream`, undefined, { ...reader, lastId: reader.lastId() })
    if (again.status !== 200) return
  }
}

/** Keeps what one connection has heard: every event after `after` up to its last one. */
function createReader({ count }, run, after, leaveAfter) {
  let last = after
  let heard = 0
  let hasLeft = false
  const range = { after, last }
  run.ranges.push(range)
  return {
    lastId: () => last,
    hasLeft: () => hasLeft,
    onOpen: ({ statusCode, headers }) => {
      if (statusCode === 200 && run.runId === null) accept(run, runIdIn(headers), run.threadId)
    },
    onEvent: ({ id, event, data }) => {
      if (id <= last) run.misordered = `${id} came after ${last}`
      last = id
      range.last = id
      run.seen.set(id, `${event}\n${data}`)
      count('events')
      hasLeft = ++heard === leaveAfter
      return !hasLeft
    },
  }
}

function accept(run, runId, threadId) {
  run.runId = runId
  run.threadId = threadId
}

const runIdIn = (headers) => headers['content-location'].split('/').at(-1)

/** Cancels one of the last runs. From the answer on it is `interrupted` or gone for good. */
export async function cancelRun(context, op) {
  const { ledger, call, journalSize } = context
  const candidates = ledger.accepted().filter((run) => (run.strategy || run.keeps) && run.ended === null && !run.hasAnswered).slice(-4)
  const run = candidates[op.of % candidates.length]
  if (!run) return
  allowStop(run, op.action)
  const { status } = await call('POST', `/threads/${run.threadId}/runs/${run.runId}/cancel?action=${op.action}&wait=${op.wait ? 1 : 0}`)
  if (status === 404 || status === 409) return
  run.outcomes.delete('success')
  run.isCancelled = true
  if (op.wait) run.neverAfter = journalSize()
}

/** A question, and the run that answers it when it is open: an answer is part of the run that brings it. */
export async function askAndResume(context, { token, thread }) {
  const { ledger, call } = context
  const state = await call('GET', `/threads/${thread}`)
  if (state.status !== 200 || state.body.status === 'busy') return
  const isOpen = Object.keys(state.body.interrupts).length > 0
  const waiting = ledger.write(`waiting:${thread}`, !isOpen, false)
  const run = ledger.expectRun({ token, graph: 'ask', steps: isOpen ? 2 : 0, durability: 'sync', how: 'wait', threadId: thread, isResume: isOpen })
  await ask(context, run, `/threads/${thread}/runs`, isOpen
    ? { assistant_id: 'ask', command: { resume: token }, durability: 'sync' }
    : { assistant_id: 'ask', input: { plan: { token, steps: 1, pace: 0 } }, durability: 'sync' })
  if (run.hasAnswered && !run.hasFailed) waiting.done()
}

/** Goes on from some checkpoint of a thread's history: a branch. */
export async function forkRun(context, op) {
  const { status, body } = await context.call('GET', `/threads/${op.thread}/history?limit=30`)
  if (status !== 200) return
  const from = body.length ? body[op.at % body.length].checkpoint_id : null
  await startRun(context, op, from ? { checkpoint_id: from } : {})
}

export async function deleteThread(context, op) {
  const { ledger, call } = context
  const made = ledger.write(`thread:${op.thread}`, 'there')
  if ((await call('POST', '/threads', { thread_id: op.thread })).status !== 200) return made.refused()
  made.done()
  const run = await startRun(context, op)
  if (op.pauseBeforeMs) await sleep(op.pauseBeforeMs)
  allowStop(run, 'rollback')
  const deleted = ledger.write(`thread:${op.thread}`, null)
  const { status } = await call('DELETE', `/threads/${op.thread}`)
  if (status >= 400) return deleted.refused()
  deleted.done()
  run.outcomes = new Set(['gone'])
}

