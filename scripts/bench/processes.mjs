// Child processes of the bench: started in a group of their own, measured by /proc, ended by their id whatever happens.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second whatever its kernel's tick is. */
const MS_PER_TICK = 10
export const HAS_PROC = process.platform === 'linux'

const living = new Set()

/** Starts a program that leads a process group, so that what it starts itself can be ended with it. */
export function start(program, args, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => { output = (output + chunk).slice(-20_000) })
  const exited = once(child, 'exit')
  living.add(child)
  exited.finally(() => living.delete(child))
  return { child, exited, output: () => output }
}

/** Asks to end, and after 8 s insists. What the program left behind in its group goes too. */
export async function end({ child, exited }) {
  const family = familyOf(child.pid)
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await exited
  clearTimeout(insist)
  killGroup(child.pid)
  for (const pid of family) killQuietly(pid)
}

/** For the last moment of this process: no waiting. */
export function endAllNow() {
  for (const child of living) {
    for (const pid of familyOf(child.pid)) killQuietly(pid)
    killGroup(child.pid)
  }
}

const killGroup = (pid) => process.platform === 'win32' ? killQuietly(pid) : killQuietly(-pid)

function killQuietly(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It had ended already.
  }
}

/** The fields of /proc/<pid>/stat after the name, which may itself hold spaces and brackets. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

/** A process and all its descendants. */
export function familyOf(root) {
  if (!HAS_PROC) return [root]
  const parents = new Map()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(name) : null
    if (stat) parents.set(Number(name), Number(stat[1]))
  }
  const family = [root]
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid)
  return family
}

/** User and system time of a family so far, in ms; null where there is no /proc. */
export function cpuOf(root) {
  if (!HAS_PROC) return null
  return familyOf(root).reduce((sum, pid) => {
    const stat = statOf(pid)
    return sum + (stat ? (Number(stat[11]) + Number(stat[12])) * MS_PER_TICK : 0)
  }, 0)
}

/** Resident memory of a family in MB (10^6 bytes), shared pages counted in each process; null where there is no /proc. */
export function memoryOf(root) {
  if (!HAS_PROC) return null
  return familyOf(root).reduce((sum, pid) => sum + residentKb(pid), 0) * 1024 / 1e6
}

function residentKb(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
