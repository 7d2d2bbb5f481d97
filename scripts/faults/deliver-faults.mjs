// Blows against a live server and its workers.
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './server-process.mjs'

/** Workers of a killed server end by themselves when their pipe breaks, and surely when they see that their parent is gone. */
const WORKERS_GONE_WITHIN_MS = 20_000

/** With less to do than that, there is no worker to hit. */
const WORKER_BUSY_WITHIN_MS = 1_500

/** What happens in the middle of a life. Each resolves when it is over. */
export const DURING = { worker: killWorker, stop: stopWorker, clock: jumpClock, 'clock-back': jumpClock, disk: fillDisk, io: failWrites, clients: () => {} }

/** A patient killer waits for a worker that has something to do; others hit one that may be starting. */
async function killWorker({ server, ledger, figures, journal }, { which, isPatient }) {
  const until = performance.now() + WORKER_BUSY_WITHIN_MS
  let workers = server.workers()
  while (isPatient && !server.isHurt && performance.now() < until) {
    const busy = new Set(journal.executions().map(({ pid }) => pid))
    workers = server.workers().filter((pid) => busy.has(pid))
    if (workers.length) break
    await sleep(10)
  }
  const pid = workers[which % workers.length]
  if (pid === undefined || server.isHurt) return
  // A run may be moving to this worker right now, so its death counts for all.
  ledger.deaths++
  if (signal(pid, 'SIGKILL')) figures.kills.worker++
}

async function stopWorker({ server, state }, { which, ms }) {
  const workers = server.workers()
  const pid = workers[which % workers.length]
  if (pid === undefined) return
  state.wasStopped = true
  signal(pid, 'SIGSTOP')
  await sleep(ms)
  signal(pid, 'SIGCONT')
}

/** Server and workers look at the file every few milliseconds (shifted-clock.mjs). */
function jumpClock({ folder, state }, { kind, jumpMs }) {
  state.clockMs += kind === 'clock' ? jumpMs : -jumpMs
  writeFileSync(join(folder, 'clock.new'), String(state.clockMs))
  renameSync(join(folder, 'clock.new'), join(folder, 'clock'))
}

/** A file takes all room but a little, and goes away again: the server must have lived on. */
async function fillDisk({ dataDir, ledger, state, figures }, { ms, room }) {
  if (!state.hasSmallDisk) return
  ledger.mayFail = true
  figures.disksFilled++
  const filler = join(dataDir, 'filler')
  spawnSync('sh', ['-c', `left=$(df --output=avail -B1 "$0" | tail -1); [ "$left" -gt ${room} ] && head -c $((left - ${room})) /dev/zero > "$0/filler"`, dataDir])
  await sleep(ms)
  rmSync(filler, { force: true })
}

/** So that some runs begin before it is over. */
const ROOM_FOR_RUNS = 10

/** For a while the kernel refuses every write beyond a place near the end of the log (EFBIG, to SQLite an I/O error): the server must live on. */
async function failWrites({ server, dataDir, ledger, figures }, { ms, room }) {
  const end = statSync(join(dataDir, 'superstep.db-wal'), { throwIfNoEntry: false })?.size ?? 0
  if (server.isHurt || !limitFiles(server.pid, end + room * ROOM_FOR_RUNS)) return
  ledger.mayFail = true
  figures.writesFailed++
  await sleep(ms)
  limitFiles(server.pid, 'unlimited')
}

/** Bytes a process may write into one file; the hard limit stays. False where there is no `prlimit`, or no such process any more. */
const limitFiles = (pid, bytes) => spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]).status === 0

/** Ends a life. Resolves when server and workers are gone. */
export async function endLife({ server, ledger, figures }, kind) {
  const workers = server.workers()
  server.isHurt = true
  if (kind === 'term') {
    figures.stops++
    server.kill('SIGTERM')
    const how = await server.exited
    if (how !== 0) ledger.violate(`A server told to stop ended with ${how}`, { output: server.output().slice(-2000) })
  } else {
    ledger.deaths++
    figures.kills[kind]++
    if (kind === 'both') for (const pid of workers) signal(pid, 'SIGKILL')
    server.kill('SIGKILL')
    await server.exited
  }
  await untilGone(workers, ledger)
}

async function untilGone(pids, ledger) {
  const until = performance.now() + WORKERS_GONE_WITHIN_MS
  while (pids.some(isAlive)) {
    if (performance.now() > until) {
      for (const pid of pids) signal(pid, 'SIGKILL')
      return ledger.violate('A worker outlived its server')
    }
    await sleep(2)
  }
}

function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    // It has just ended.
    return false
  }
}
