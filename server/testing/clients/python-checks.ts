import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SCRIPT = join(import.meta.dirname, 'python/run.py')
const ENV = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' }

/** `client` is the kind of client that makes the check: `async`, `sync` or `remote-graph`. */
export interface PythonCheck { readonly client: string, readonly name: string }

export function listChecks(python: string): PythonCheck[] {
  const { status, stdout, stderr } = spawnSync(python, [SCRIPT, '--list'], { encoding: 'utf8', env: ENV })
  if (status !== 0) throw new Error(`The Python checks can't be listed:\n${stderr}`)
  return JSON.parse(stdout) as PythonCheck[]
}

export interface PythonChecks {
  /** Makes one check. Resolves with the traceback of its failure, or null. */
  make(check: PythonCheck): Promise<string | null>
  stop(): Promise<void>
}

/** One Python process that makes the checks one after the other. `cuttingUrl` is the same server behind `startCuttingProxy`. */
export function startChecks(python: string, url: string, cuttingUrl: string): PythonChecks {
  const child = spawn(python, [SCRIPT, url, cuttingUrl], { stdio: ['pipe', 'pipe', 'pipe'], env: ENV })
  const ended = once(child, 'exit')
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => { complaints += chunk.toString() })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    make: async (check) => {
      child.stdin.write(`${JSON.stringify(check)}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`Python has ended:\n${complaints}`)
      return (JSON.parse(value) as { failure: string | null }).failure
    },
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}
