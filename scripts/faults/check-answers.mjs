// What the restarted server says, held against what was promised before.
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from './http.mjs'
import { checkReplay } from './check-replay.mjs'

const SETTLES_WITHIN_MS = 30_000

/** Every answered write is there and every deleted thing is gone; true at once after the start, whatever runs. */
export async function checkWrites({ url }, ledger) {
  const get = async (path) => valueOf(await request(url, 'GET', path))
  for (const name of ledger.registers.keys()) {
    const [kind, id, key] = name.split(':')
    const value = await READ[kind](get, id, key)
    if (value !== undefined) ledger.observe(name, value)
  }
  for (const { thread, mark, checkpoint } of ledger.updates) {
    const state = await get(`/threads/${thread}/state/${checkpoint}`)
    if (!state?.values.marks.includes(mark)) ledger.violate(`The answered state update ${mark} of thread ${thread} is missing`)
  }
}

/** Each reads a register; undefined when it can't be known now. */
const READ = {
  thread: async (get, id) => await get(`/threads/${id}`) ? 'there' : null,
  mark: async (get, id) => {
    const thread = await get(`/threads/${id}`)
    return thread ? thread.metadata.mark ?? null : undefined
  },
  waiting: async (get, id) => {
    const thread = await get(`/threads/${id}`)
    return !thread || thread.status === 'busy' ? undefined : Object.keys(thread.interrupts).length > 0
  },
  values: async (get, id) => (await get(`/threads/${id}`))?.values,
  item: async (get, namespace, key) => (await get(`/store/items?namespace=${namespace}&key=${key}`))?.value ?? null,
  assistant: async (get, id) => (await get(`/assistants/${id}`))?.name ?? null,
}

/** Null for what is not there. */
function valueOf({ status, body }) {
  if (status === 200) return body
  if (status === 404) return null
  throw new Error(`A check was answered with ${status}: ${JSON.stringify(body)}`)
}

/** Waits until no run waits or runs, stateless ones included, and no thread is busy. */
export async function untilSettled({ url }, ledger) {
  const until = performance.now() + SETTLES_WITHIN_MS
  for (let wait = 10; performance.now() < until; wait = Math.min(wait * 2, 100)) {
    const { queue } = (await request(url, 'GET', '/studio/api/project')).body
    if (queue.pending + queue.running === 0 && (await request(url, 'POST', '/threads/count', { status: 'busy' })).body === 0) return true
    await sleep(wait)
  }
  const { queue } = (await request(url, 'GET', '/studio/api/project')).body
  if (queue.pending + queue.running > 0) ledger.violate(`Runs still wait or run after ${SETTLES_WITHIN_MS / 1000} s`, { queue })
  const { body } = await request(url, 'POST', '/threads/search', { status: 'busy', limit: 10, select: ['thread_id'] })
  ledger.violate(`Threads are still busy after ${SETTLES_WITHIN_MS / 1000} s`, { threads: body })
  return false
}

/** Once nothing runs: every accepted run has ended as it may, stays so, and its events are told the same way every time. */
export async function checkRuns(server, ledger, { replayAll }) {
  for (const run of ledger.accepted()) {
    const path = run.threadId ? `/threads/${run.threadId}/runs/${run.runId}` : `/runs/${run.runId}/stream`
    const answer = await request(server.url, 'GET', path)
    const status = answer.status === 404 ? 'gone' : run.threadId ? answer.body.status : 'there'
    const isNew = run.ended === null
    const failure = isNew && status === 'error' ? (await request(server.url, 'GET', `${path}/join`)).body?.['__error__'] : null
    checkEnd(run, { status, failure }, ledger)
    if (status !== 'gone' && run.threadId && (isNew || replayAll)) await checkReplay(server, run, ledger)
  }
}

function checkEnd(run, { status, failure }, ledger) {
  if (run.misordered) ledger.violate(`Events of run ${run.token} came out of order: ${run.misordered}`)
  run.misordered = undefined
  if (run.ended !== null && run.ended !== status) return ledger.violate(`Run ${run.token} ended as ${run.ended} and is ${status} now`)
  if (run.ended !== null) return
  run.ended = status
  const mayBeLost = status === 'error' && (ledger.mayFail || (failure?.error === 'WorkerLostError' && ledger.deaths - run.deathsBefore >= 3))
  if (!run.outcomes.has(status) && !mayBeLost)
    ledger.violate(`Run ${run.token} (${run.runId}) is ${status}, but must be ${[...run.outcomes].join(' or ')}`, { failure, deaths: ledger.deaths - run.deathsBefore })
}
