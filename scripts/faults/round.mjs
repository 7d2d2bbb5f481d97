// One round: a data directory, several lives of a server on it, and what must hold after each of them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkRuns, checkWrites, untilSettled } from './check-answers.mjs'
import { checkDatabase } from './check-database.mjs'
import { checkHistories } from './check-history.mjs'
import { runClients } from './clients.mjs'
import { DURING, endLife } from './deliver-faults.mjs'
import { checkJournal, createJournal } from './journal.mjs'
import { createLedger } from './ledger.mjs'
import { createMoments } from './moments.mjs'
import { freePort, startServer } from './server-process.mjs'

const SMALL_DISK = '128m'

/**
 * Resolves with the violations of a round. `figures` is added to: kills, stops, starts and what became of the runs. `okWithinMs` is how
 * soon a restarted server must answer.
 */
export async function runRound(plan, { figures, keep, log, cacheDir, okWithinMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-faults-'))
  const dataDir = join(folder, 'data')
  const ledger = createLedger()
  const state = { wasStopped: false, hasSmallDisk: false, clockMs: 0 }
  try {
    mkdirSync(dataDir)
    state.hasSmallDisk = plan.hasDisk && mountSmallDisk(dataDir)
    if (plan.hasClock) writeFileSync(join(folder, 'clock'), '0')
    const journal = createJournal(join(folder, 'journal'))
    const round = { plan, ledger, figures, state, folder, dataDir, journal, log, okWithinMs, cacheDir, port: await freePort() }
    for (const [life, planned] of plan.lives.entries()) await live(round, life, planned)
    await finish(round)
    checkJournal(journal, ledger, state)
  } catch (error) {
    ledger.violate(`The round could not go on: ${error.stack}`)
  } finally {
    count(ledger, figures)
    if (state.hasSmallDisk) unmount(dataDir)
    if (keep && ledger.violations.length) log(`kept in ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
  return ledger.violations
}

/** A start, the checks of what was promised before, the work, the blows, and the end that was planned. */
async function live(round, life, { clients, during, ending, settles, workers, isBrief }) {
  const { plan, ledger, log, dataDir } = round
  const server = await start(round, life, workers)
  if (!isBrief) await checkWrites(server, ledger)
  if (settles && life > 0 && await untilSettled(server, ledger)) await checkRuns(server, ledger, { replayAll: false })
  log(`life ${life}: ready for work`)
  const moments = createMoments()
  const blows = []
  const context = { ...round, server }
  for (const fault of during) moments.on(fault.at, () => {
    if (server.isHurt) return
    log(`life ${life}: ${fault.kind}`)
    const blow = DURING[fault.kind](context, fault)
    blows.push(blow)
    return blow
  })
  const ended = new Promise((resolve) => moments.on(ending.at, () => resolve(endLife(context, ending.kind))))
  const unasked = server.exited.then((how) => {
    if (!server.isHurt) ledger.violate(`The server ended by itself with ${how}`, { output: server.output().slice(-3000) })
    server.isHurt = true
  })
  await runClients(server, { plans: clients, shared: plan.names.shared, ledger, moments, journal: round.journal, log })
  log(`life ${life}: no more work`)
  if (!isBrief) await moments.rest()
  log(`life ${life}: ${ending.kind}`)
  await Promise.all([ended, unasked])
  moments.stop()
  await Promise.all(blows)
  for (const run of ledger.runs.values()) if (run.hasAnswered || run.isCancelled) run.endedInLife ??= life
  checkDatabase(dataDir, ledger, { isSettled: false })
}

/** The last life has no clients: all must come to its end, and everything is read once more. */
async function finish(round) {
  const { ledger, plan, dataDir } = round
  const server = await start(round, plan.lives.length, 1)
  await checkWrites(server, ledger)
  const isSettled = await untilSettled(server, ledger)
  await checkRuns(server, ledger, { replayAll: true })
  await checkHistories(server, ledger, plan.names)
  await endLife({ ...round, server }, 'term')
  checkDatabase(dataDir, ledger, { isSettled })
}

async function start({ dataDir, port, journal, folder, plan, ledger, figures, okWithinMs, cacheDir }, life, workers) {
  journal.beginLife(life)
  const server = await startServer({ dataDir, port, journal: journal.file, clockFile: plan.hasClock ? join(folder, 'clock') : null, cacheDir, workers })
  figures.okMs.push(server.okMs)
  if (server.okMs > okWithinMs) ledger.violate(`The server took ${Math.round(server.okMs)} ms to answer /ok`)
  return server
}

const mounted = new Set()
process.on('exit', () => {
  for (const folder of mounted) unmount(folder)
})

/** A small file system of its own can be filled without harm to anybody; it takes a privileged user. */
function mountSmallDisk(folder) {
  const isMounted = process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'tmpfs', folder]).status === 0
  if (isMounted) mounted.add(folder)
  return isMounted
}

function unmount(folder) {
  spawnSync('umount', ['--lazy', folder])
  mounted.delete(folder)
}

function count(ledger, figures) {
  for (const run of ledger.accepted()) {
    const end = run.ended ?? 'unknown'
    figures.accepted++
    figures.attempts += run.attempts ?? 0
    figures.ends[end] = (figures.ends[end] ?? 0) + 1
  }
}
