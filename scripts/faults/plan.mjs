// What a round will do, decided before it starts. A round is one data directory with several lives of a server on it.
import { createRandom } from './random.mjs'

export const FAULTS = ['server', 'worker', 'both', 'term', 'stop', 'clock', 'clock-back', 'disk', 'io', 'clients']

export const LIVES = 8
const CLIENTS = 3
/** How likely a life is followed by one that is killed while it recovers, before anybody asks it for anything. */
const BRIEF = 0.4
/** How likely a life ends in which way, and what else happens in it. */
const ENDINGS = { server: 6, both: 3, term: 1 }
const DURING = { worker: 12, stop: 1, clock: 1, 'clock-back': 1, disk: 1, io: 1, nothing: 1 }
const DURING_PER_LIFE = 4

const OPERATIONS = { run: 10, stateless: 3, cancel: 4, ask: 2, update: 2, fork: 2, copy: 1, deleteThread: 1, item: 3, assistant: 1, patchThread: 1 }
const GRAPHS = { count: 4, slow: 3, stream: 3, store: 2, chat: 3 }
const STRATEGIES = { enqueue: 6, interrupt: 2, rollback: 2, reject: 1 }
const DURABILITIES = { sync: 5, async: 3, exit: 1 }
const HOWS = { background: 4, stream: 3, wait: 2 }

/** The same seed and number give the same plan; `only` leaves one kind of fault, `lives` makes the round shorter. */
export function planRound(seed, number, { only = null, lives: count = LIVES } = {}) {
  const random = createRandom(Math.imul(seed, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35))
  const names = {
    shared: [random.uuid(), random.uuid()],
    clients: Array.from({ length: CLIENTS }, () => ({ own: random.uuid(), ask: random.uuid(), assistant: random.uuid() })),
  }
  const lives = Array.from({ length: count }, (_, life) => {
    const planned = planLife(random.fork(life), { life, names, only })
    return random.chance(BRIEF) && (only === null || only === 'server') ? [planned, planBriefLife(random)] : [planned]
  }).flat()
  return { seed, number, names, lives, hasClock: has(lives, 'clock') || has(lives, 'clock-back'), hasDisk: has(lives, 'disk') }
}

const has = (lives, kind) => lives.some(({ during }) => during.some((fault) => fault.kind === kind))

function planLife(random, { life, names, only }) {
  const ending = { kind: only === 'both' || only === 'term' || only === 'server' ? only : random.weighted(ENDINGS), at: moment(random, 2) }
  const during = Array.from({ length: random.whole(1, DURING_PER_LIFE) }, () => planFault(random, only)).filter(({ kind }) => kind !== 'nothing')
  return {
    ending, during, workers: random.whole(1, 2),
    /** Whether all runs may end before the next blow. Otherwise it hits a server that is still recovering. */
    settles: random.chance(0.5),
    clients: names.clients.map((own, client) => planClient(random.fork(client + 1), { client, life, own, shared: names.shared, only })),
  }
}

const planBriefLife = (random) => ({
  ending: { kind: 'server', at: { on: 'ms', count: random.whole(0, 300), delayUs: 0 } }, during: [], workers: 1, settles: false, isBrief: true, clients: [],
})

function planFault(random, only) {
  const kind = only === null ? random.weighted(DURING) : Object.hasOwn(DURING, only) ? only : 'nothing'
  return { kind, at: moment(random), ms: random.whole(50, 400), which: random.whole(0, 1), isPatient: random.chance(0.8), jumpMs: random.pick([1500, 60_000, 3_600_000]), room: random.whole(0, 40) * 1024 }
}

/** When a fault comes: after so many answers, events of streams or milliseconds, or microseconds after the n-th request was sent. */
function moment(random, lateness = 1) {
  const on = random.weighted({ answers: 3, events: 3, ms: 2, sent: 4 })
  const most = { ms: 700, events: 200, answers: 30, sent: 30 }[on] * lateness
  const count = random.whole(Math.floor(most / 10) * lateness, most)
  return { on, count, delayUs: on === 'ms' || random.chance(0.3) ? 0 : random.whole(0, 8000) }
}

function planClient(random, { client, life, own, shared, only }) {
  const operations = Array.from({ length: random.whole(8, 16) }, (_, index) => {
    const kind = random.weighted(OPERATIONS)
    return { kind, pauseMs: random.chance(0.3) ? random.whole(0, 30) : 0, ...PLANNERS[kind](random, { token: `L${life}C${client}O${index}`, own, shared, client, only }) }
  })
  return { own, operations }
}

const planRun = (random, token, only) => ({
  token, graph: random.weighted(GRAPHS), steps: random.whole(1, 8), pace: random.chance(0.4) ? random.whole(1, 25) : 0,
  durability: random.weighted(DURABILITIES), how: only === 'clients' ? 'stream' : random.weighted(HOWS),
  /** A stream's client goes away after so many events, and comes back with the last id. */
  drops: Array.from({ length: random.whole(0, 3) }, () => random.whole(1, 25)),
})

const PLANNERS = {
  run: (random, { token, shared, only }) => ({ ...planRun(random, token, only), thread: random.pick(shared), strategy: random.weighted(STRATEGIES) }),
  stateless: (random, { token, only }) => ({ ...planRun(random, token, only), keeps: random.chance(0.4) }),
  cancel: (random) => ({ of: random.whole(0, 3), action: random.chance(0.6) ? 'interrupt' : 'rollback', wait: random.chance(0.5) }),
  ask: (_random, { token, own }) => ({ token, thread: own.ask }),
  update: (_random, { token, own }) => ({ mark: token, thread: own.own }),
  fork: (random, { token, own }) => ({ ...planRun(random, token), how: 'wait', thread: own.own, at: random.whole(0, 20) }),
  copy: (_random, { own }) => ({ thread: own.own }),
  deleteThread: (random, { token }) => ({ ...planRun(random, token), how: 'background', thread: random.uuid(), pauseBeforeMs: random.whole(0, 40) }),
  item: (random, { token, client }) => ({ namespace: ['kept', `client${client}`], key: `key${random.whole(0, 2)}`, value: random.chance(0.25) ? null : { token } }),
  assistant: (_random, { token, own }) => ({ id: own.assistant, name: token }),
  patchThread: (_random, { token, own }) => ({ thread: own.own, mark: token }),
}
