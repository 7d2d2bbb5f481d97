import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'

/** What a reader must know about the machine to judge the figures. */
export function machineFacts() {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memory: `${Math.round(totalmem() / 1e9)} GB`,
    node: process.version, kernel: `${type()} ${release()}`, commit: commit(), date: new Date().toISOString().slice(0, 10),
  }
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
