import { randomUUID } from 'node:crypto'
import { INPUT, warmUp } from '../operations.mjs'
import { interleave, throughput } from '../rounds.mjs'
import { noted, row } from '../rows.mjs'

export const title = 'Background runs accepted per second (due in an hour, so that none is worked on meanwhile)'

const BODY = { assistant_id: 'trivial', input: INPUT, after_seconds: 3_600 }
const BATCH = 500

const enqueue = (server) => server.client.json('POST', `/threads/${randomUUID()}/runs`, { ...BODY, if_not_exists: 'create' })
const sendBatch = (server) => server.client.send('POST', '/runs/batch', Array.from({ length: BATCH }, () => BODY))

export async function measure({ rounds, isQuick, superstep, reference }) {
  const [ours, other] = [await superstep(), await reference()]
  await warmUp(ours, 'trivial', 20)
  if (other) await warmUp(other, 'trivial', 3)
  await throughput(500, 32, () => enqueue(ours), ours)
  const count = isQuick ? 500 : 3_000
  const singles = (server, clients, share = 1) => server && (() => throughput(count * share, clients, () => enqueue(server), server))
  const results = await interleave(rounds, { ours32: singles(ours, 32), other32: singles(other, 32, 0.2), ours64: singles(ours, 64), other64: singles(other, 64, 0.2) })
  const line = (name, clients, goal) => {
    const [mine, its] = [results[`ours${clients}`], results[`other${clients}`]]
    return row({ name, unit: 'runs/s', goal, lowerIsBetter: false, ours: mine.map(({ perSecond }) => perSecond), reference: its?.map(({ perSecond }) => perSecond) ?? null, cpu: mine.map(({ cpu }) => cpu), referenceCpu: its?.map(({ cpu }) => cpu) ?? null })
  }
  return [
    line('Single requests, 32 connections (reference: in memory)', 32, { atLeast: 3_000 }),
    line('Single requests, 64 connections (reference: in memory)', 64, { atLeast: 3_000 }),
    await batches({ rounds, isQuick, ours }),
  ]
}

async function batches({ rounds, isQuick, ours }) {
  const name = `Batches of ${BATCH}, 4 connections`
  const { status, text } = await sendBatch(ours)
  if (status === 404 || status === 405) return noted(name, 'runs/s', 'not served')
  if (status >= 300) throw new Error(`POST /runs/batch answered ${status}: ${text.slice(0, 400)}`)
  const { ours: results } = await interleave(rounds, { ours: () => throughput(isQuick ? 8 : 40, 4, () => checked(sendBatch(ours)), ours) })
  return row({ name, unit: 'runs/s', goal: { atLeast: 20_000 }, ours: results.map(({ perSecond }) => perSecond * BATCH), cpu: results.map(({ cpu }) => cpu === null ? null : cpu / BATCH) })
}

async function checked(answer) {
  const { status, text } = await answer
  if (status >= 300 || JSON.parse(text).length !== BATCH) throw new Error(`POST /runs/batch answered ${status}: ${text.slice(0, 400)}`)
}
