// Starts what is measured: Superstep as built, and the reference, each on a free port with a data folder of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createClient } from './client.mjs'
import { cpuOf, end, memoryOf, start } from './processes.mjs'
import { cliOf, projectFor, withThisNode } from './reference.mjs'

const CLI = join(import.meta.dirname, '../../out/server/cli.js')
const PROJECT = join(import.meta.dirname, 'project')
const STARTS_WITHIN_MS = 60_000
const folders = new Set()

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-bench-run-'))
  folders.add(folder)
  return folder
}

export function removeFolder(folder) {
  folders.delete(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

export function removeAllFolders() {
  for (const folder of folders) removeFolder(folder)
}

/** `dataDir` is kept when it is given, else removed with the server. `preload` is a module that runs before the server's own. */
export async function startSuperstep({ workers = 1, dataDir, preload, env } = {}) {
  const folder = dataDir ?? temporaryFolder()
  const port = await freePort()
  const args = [...preload ? ['--import', pathToFileURL(preload).href] : [], CLI, 'dev', '--no-browser', '--json-ready', '--no-reload', '--config', join(PROJECT, 'langgraph.json'), '--data-dir', folder, '--port', String(port), '--workers', String(workers)]
  return running('Superstep', port, () => start(process.execPath, args, { cwd: PROJECT, env: { ...process.env, ...env } }), () => { if (!dataDir) removeFolder(folder) })
}

/** `langgraphjs dev` as its users start it. */
export async function startReference(folder) {
  const port = await freePort()
  const project = projectFor(folder, `project-${port}`)
  folders.add(project)
  const args = [cliOf(folder), 'dev', '--no-browser', '--no-reload', '--host', '127.0.0.1', '--port', String(port)]
  const env = withThisNode({ LANGGRAPH_CLI_NO_ANALYTICS: '1', LANGSMITH_TRACING: 'false' })
  return running('langgraphjs dev', port, () => start(process.execPath, args, { cwd: project, env }), () => removeFolder(project))
}

async function running(name, port, launch, clean) {
  const client = createClient(`http://127.0.0.1:${port}`)
  const started = performance.now()
  const program = launch()
  const { pid } = program.child
  let isEnded = false
  await answering(client, program, name)
  const startMs = performance.now() - started
  return {
    name, client, startMs, pid,
    cpu: () => cpuOf(pid),
    memory: () => memoryOf(pid),
    output: program.output,
    /** May be called twice: by a measurement that must see the server closed, and when all is put away. */
    end: async () => {
      if (isEnded) return
      isEnded = true
      client.close()
      await end(program)
      clean()
    },
  }
}

/** Asks for /ok every few milliseconds until it is answered. */
async function answering(client, program, name) {
  const deadline = performance.now() + STARTS_WITHIN_MS
  while (performance.now() < deadline) {
    const answer = await client.send('GET', '/ok').catch(() => null)
    if (answer?.status === 200) return
    if (program.child.exitCode !== null) throw new Error(`${name} ended at its start: ${program.output()}`)
    await pause(5)
  }
  await end(program)
  throw new Error(`${name} did not answer within ${STARTS_WITHIN_MS / 1000} s: ${program.output()}`)
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
