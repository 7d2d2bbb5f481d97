import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { launchServer, type ServerChild } from './launch-server.ts'
import { createServerProcess } from './server-process.ts'

const HOST = resolve('src/main/server-host.ts')
const LISTENING = resolve('src/main/testing/listening-server.ts')

const launch = (serverEntry: string, args: string[] = []) =>
  launchServer({ execPath: process.execPath, hostEntry: HOST, serverEntry, env: process.env }, { args, token: 'secret' })

function linesOf(child: ServerChild): { output: string[], errors: string[], exit: Promise<number | null> } {
  const lines = { output: [] as string[], errors: [] as string[], exit: new Promise<number | null>((settle) => child.onExit(settle)) }
  child.onOutput((line) => lines.output.push(line))
  child.onError((line) => lines.errors.push(line))
  return lines
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('the server sees its own arguments and the token, and runs as Node', async () => {
  const child = launch(LISTENING, ['dev', '--port', '0'])
  const { output, errors, exit } = linesOf(child)
  await expect.poll(() => output.length, { timeout: 10_000 }).toBe(1)
  expect(JSON.parse(output[0]!)).toMatchObject({ argv: [LISTENING, 'dev', '--port', '0'], token: 'secret', asNode: '1' })
  await expect.poll(() => errors).toEqual(['listening'])
  child.kill()
  expect(await exit).toBeNull()
})

test('asked to end, it ends in order', async () => {
  const child = launch(LISTENING)
  const { output, exit } = linesOf(child)
  await expect.poll(() => output.length, { timeout: 10_000 }).toBe(1)
  child.end()
  expect(await exit).toBe(0)
  expect(output.at(-1)).toBe('ended in order')
})

test('a signal of its own and the end of the pipe are not taken for two', async () => {
  const child = launch(LISTENING)
  const { output, exit } = linesOf(child)
  await expect.poll(() => output.length, { timeout: 10_000 }).toBe(1)
  process.kill((JSON.parse(output[0]!) as { pid: number }).pid, 'SIGTERM')
  child.end()
  expect(await exit).toBe(0)
})

test('it does not outlive a shell that was killed', async () => {
  const parent = spawn(process.execPath, [resolve('src/main/testing/launching-parent.ts'), HOST, LISTENING], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((settle) => createInterface({ input: parent.stdout }).once('line', settle))
  const { pid } = JSON.parse(line) as { pid: number }
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
})

test('a program that is not there is a failure with a reason', async () => {
  const child = launchServer({ execPath: '/nowhere/superstep', hostEntry: HOST, serverEntry: LISTENING, env: {} }, { args: [], token: 't' })
  const { errors, exit } = linesOf(child)
  await exit
  expect(errors.join()).toContain('ENOENT')
})

test('the real server serves the demo to whoever has the token, and nobody else', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'superstep-desktop-'))
  const program = { execPath: process.execPath, hostEntry: HOST, serverEntry: resolve('out/server/cli.js'), env: process.env }
  const server = createServerProcess({ launch: (request) => launchServer(program, request), onState: () => {} })
  const { url, token } = await server.start({ configPath: resolve('resources/demo/langgraph.json'), dataDir, port: 0 })
  const search = (headers: Record<string, string>) =>
    fetch(`${url}/assistants/search`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })
  expect((await search({})).status).toBe(401)
  const found = await search({ 'x-api-key': token })
  expect(found.status).toBe(200)
  expect((await found.json() as { graph_id: string }[]).map(({ graph_id }) => graph_id).sort()).toEqual(['agent', 'research', 'support'])
  await server.stop()
  await expect(fetch(`${url}/ok`)).rejects.toThrow()
  rmSync(dataDir, { recursive: true })
})
