// A real server on a data directory, as a child process, with what is needed to hurt it.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { request } from './http.mjs'

const CLI = fileURLToPath(new URL('../../out/server/cli.js', import.meta.url))
const PROJECT = fileURLToPath(new URL('project', import.meta.url))
const CLOCK = new URL('shifted-clock.mjs', import.meta.url).href
const START_PATIENCE_MS = 30_000
const POLL_MS = 20

/** A port that is free now; the same one is used for all lives on a data directory, as it would be by a person. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** Nothing outlives this process, however it ends. */
const living = new Set()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/**
 * Starts `superstep dev` and resolves when `/ok` answers, maybe before the workers are ready: `okMs` after the start, without the time
 * in which the machine had no processor for it. Rejects when the server ends before. `clockFile` holds the milliseconds by which the clocks of server and workers are wrong.
 */
export async function startServer({ dataDir, port, journal, clockFile, cacheDir, workers }) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [CLI, 'dev', '--json-ready', '--no-browser', '--no-reload', '--config', PROJECT, '--data-dir', dataDir,
    '--port', String(port), '--workers', String(workers), '--n-jobs-per-worker', '4'], {
    env: { ...process.env, NODE_COMPILE_CACHE: cacheDir, FAULTS_JOURNAL: journal, ...(clockFile ? { FAULTS_CLOCK: clockFile, NODE_OPTIONS: `--import ${CLOCK}` } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk })
  const exited = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
  let isGone = false
  living.add(child)
  void exited.then(() => {
    isGone = true
    living.delete(child)
  })
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (isGone) throw new Error(`The server ended before it answered: ${output.slice(-2000)}`)
    if (performance.now() - startedAt > START_PATIENCE_MS) throw new Error(`The server did not answer within ${START_PATIENCE_MS / 1000} s: ${output.slice(-2000)}`)
    const answer = await request(url, 'GET', '/ok', undefined, { timeoutMs: 1000 }).catch(() => null)
    if (answer?.status === 200) break
    await sleep(POLL_MS)
  }
  return {
    url, pid: child.pid, okMs: performance.now() - startedAt - queuedMs(child.pid), exited,
    isGone: () => isGone,
    output: () => output,
    workers: () => childrenOf(child.pid),
    kill: (signal) => child.kill(signal),
  }
}

/** Milliseconds that a process was ready to go on and had to wait for a processor. */
function queuedMs(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}

/** Worker processes: children of the server, read where no server has to answer. */
function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export function isAlive(pid) {
  try {
    // A zombie is dead: its parent has not asked for it yet.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
