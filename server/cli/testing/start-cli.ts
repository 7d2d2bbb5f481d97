import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')

export interface RunningCli { readonly child: ChildProcess, readonly url: string, output(): string, end(signal: NodeJS.Signals): Promise<number | null> }

/** A folder of its own outside the repository, removed by `remove`. */
export function createFolder(files: Record<string, string>): { folder: string, write(path: string, text: string): void, link(name: string, target: string): void, remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-project-'))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return {
    folder, write,
    link: (name, target) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      symlinkSync(target, join(folder, name), 'junction')
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export const REPOSITORY = ROOT

export function spawnCli(args: readonly string[], options: { cwd?: string, env?: Record<string, string> } = {}): { child: ChildProcess, output(): string, exited: Promise<number | null> } {
  const child = spawn(process.execPath, [join(ROOT, 'out/server/cli.js'), ...args], { cwd: options.cwd ?? ROOT, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => { output += chunk.toString() })
  child.stderr!.on('data', (chunk: Buffer) => { output += chunk.toString() })
  return { child, output: () => output, exited: once(child, 'close').then(([code]) => code as number | null) }
}

/** Starts `superstep dev` and resolves when it says that it is ready. */
export async function startCli(args: readonly string[], options: { cwd?: string, env?: Record<string, string> } = {}): Promise<RunningCli> {
  const { child, output, exited } = spawnCli(['dev', '--no-browser', '--json-ready', ...args], options)
  const ready = new Promise<string>((resolveUrl) => child.stdout!.on('data', () => {
    const line = /^\{"ready":true.*$/m.exec(output())?.[0]
    if (line) resolveUrl((JSON.parse(line) as { url: string }).url)
  }))
  const early = exited.then((code) => { throw new Error(`superstep dev ended with ${code}: ${output()}`) })
  const url = await Promise.race([ready, early])
  early.catch(() => {})
  return {
    child, output, url,
    end: (signal) => {
      child.kill(signal)
      return exited
    },
  }
}
