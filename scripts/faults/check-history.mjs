// All states of all threads, read through the API: every piece is readable, and committed steps are there exactly once.
import { request } from './http.mjs'

const PAGE = 200

export async function checkHistories(server, ledger, { shared }) {
  for (const name of [...ledger.registers.keys()].filter((name) => name.startsWith('thread:'))) {
    const threadId = name.split(':')[1]
    const states = await historyOf(server, threadId, ledger)
    if (states.length) checkThread(threadId, states, ledger, shared.includes(threadId))
  }
  await checkStored(server, ledger)
}

async function historyOf({ url }, threadId, ledger) {
  const states = []
  for (;;) {
    const before = states.length ? `&before=${states.at(-1).checkpoint_id}` : ''
    const { status, body } = await request(url, 'GET', `/threads/${threadId}/history?limit=${PAGE}${before}`)
    if (status === 404) return []
    if (status !== 200) {
      ledger.violate(`The history of thread ${threadId} can't be read`, { status, body })
      return states
    }
    states.push(...body)
    if (body.length < PAGE) return states
  }
}

function checkThread(threadId, states, ledger, isLinear) {
  const ids = new Set(states.map((state) => state.checkpoint_id))
  for (const state of states) {
    if (state.parent_checkpoint_id && !ids.has(state.parent_checkpoint_id)) ledger.violate(`The parent of checkpoint ${state.checkpoint_id} of thread ${threadId} is missing`)
    const torn = tornRun(state.values.entries ?? [])
    if (torn) ledger.violate(`Steps of run ${torn} are lost or doubled in checkpoint ${state.checkpoint_id} of thread ${threadId}`, { entries: state.values.entries })
  }
  for (const run of ledger.runsOn(threadId).filter(({ ended, steps }) => ended === 'success' && steps > 0)) {
    // Nothing on a shared thread branches off, so its newest state has all that ever succeeded.
    const where = isLinear ? [states[0]] : states
    const all = Array.from({ length: run.steps }, (_, step) => `${run.token}:${step}`)
    if (!where.some(({ values }) => all.every((entry) => values.entries?.includes(entry)))) ledger.violate(`The steps of the successful run ${run.token} are not in the state of thread ${threadId}`, { head: states[0].values.entries, all })
  }
}

/** The token of a run whose entries are not 0, 1, 2 … in this order; null when all are. */
function tornRun(entries) {
  const next = new Map()
  for (const entry of entries) {
    const [token, step] = entry.split(':')
    if (Number(step) !== (next.get(token) ?? 0)) return token
    next.set(token, Number(step) + 1)
  }
  return null
}

/** What graphs wrote to long-term memory before they succeeded. */
async function checkStored({ url }, ledger) {
  for (const { token, steps } of [...ledger.runs.values()].filter(({ graph, ended }) => graph === 'store' && ended === 'success')) {
    const { body } = await request(url, 'GET', `/store/items?namespace=runs.${token}&key=last`)
    if (body?.value?.step !== steps - 1) ledger.violate(`The item that run ${token} stored is missing`, { body })
  }
}
