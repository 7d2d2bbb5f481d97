import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { Client } from '@langchain/langgraph-sdk'

const ROOT = resolve(import.meta.dirname, '..')
const DEMO = join(ROOT, 'resources/demo/langgraph.json')

export interface Studio {
  readonly url: string
  readonly client: Client
  readonly page: Page
  /** Opens the Studio, by default with the research graph chosen. */
  open(hash?: string): Promise<void>
  chooseGraph(name: string): Promise<void>
  /** What the page complained about, and requests that left this machine. */
  readonly complaints: string[]
  kill(signal: NodeJS.Signals): Promise<void>
  restart(): Promise<void>
}

interface Server { readonly child: ChildProcess, readonly url: string }

async function startServer(config: string, dataDir: string, port: number, speed: string): Promise<Server> {
  const child = spawn(process.execPath, [join(ROOT, 'out/server/cli.js'), 'dev', '--config', config, '--data-dir', dataDir, '--port', String(port), '--no-browser', '--json-ready'], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DEMO_SPEED: speed },
  })
  let output = ''
  const url = await new Promise<string>((found, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const line = /^\{"ready":true.*$/m.exec(output)?.[0]
      if (line) found((JSON.parse(line) as { url: string }).url)
    })
    child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString() })
    child.once('exit', (code) => failed(new Error(`The server ended with ${code}: ${output}`)))
  })
  return { child, url }
}

const end = (child: ChildProcess, signal: NodeJS.Signals) => new Promise<void>((done) => {
  if (child.exitCode !== null || child.signalCode !== null) return done()
  child.once('exit', () => done())
  child.kill(signal)
})

interface Options {
  /** How fast the demo's models speak: 0 at once, 1 as a person would watch. */
  readonly speed: string
  readonly config: string
}

/** A real server on the demo with a data directory of its own, and a page. A journey fails when its page complains. */
export const test = base.extend<Options & { studio: Studio }>({
  speed: ['0', { option: true }],
  config: [DEMO, { option: true }],
  studio: async ({ page, speed, config }, use) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'superstep-e2e-'))
    let server = await startServer(config, dataDir, 0, speed)
    const { url } = server
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)))
    page.on('console', (message) => message.type() === 'error' && !/ERR_CONNECTION_REFUSED|Failed to load resource|ERR_INCOMPLETE_CHUNKED/.test(message.text()) && complaints.push(message.text()))
    page.on('request', (request) => /^https?:/.test(request.url()) && !request.url().startsWith(url) && complaints.push(`Outside request: ${request.url()}`))
    const studio: Studio = {
      url, page, complaints, client: new Client({ apiUrl: url }),
      open: async (hash = '') => {
        await page.goto(`${url}/studio/${hash}`)
        await expect(page.getByText('Server ready')).toBeVisible()
      },
      chooseGraph: async (name) => {
        await page.getByRole('button', { name: /^Graph:/ }).click()
        await page.getByRole('menuitemcheckbox', { name }).click()
        await expect(page.getByRole('button', { name: `Graph: ${name}` })).toBeVisible()
      },
      kill: (signal) => end(server.child, signal),
      restart: async () => { server = await startServer(config, dataDir, Number(new URL(url).port), speed) },
    }
    await use(studio)
    // What a page that is still loading misses once its server is gone is no fault of its own.
    const seen = [...complaints]
    await end(server.child, 'SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
    expect(seen).toEqual([])
  },
})

export { expect }

/** A card of the canvas. */
export const nodeCard = (page: Page, id: string) => page.locator(`.react-flow__node[data-id="${id}"]`)
export const input = (page: Page) => page.getByRole('region', { name: 'Input' })
export const inspector = (page: Page) => page.getByRole('tablist', { name: /State|Live run/ }).locator('xpath=ancestor::div[2]')

/** Replaces the text of a JSON editor, as by pasting. */
export async function paste(editor: Locator, text: string): Promise<void> {
  const page = editor.page()
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Control+V')
}

/** Asks the research graph its question and waits until it wants to publish. */
export async function research(studio: Studio, question = 'Is a heat pump worth it?', { toEnd = false } = {}): Promise<string> {
  const { page } = studio
  await studio.chooseGraph('research')
  await input(page).getByRole('textbox', { name: 'question' }).fill(question)
  await input(page).getByRole('button', { name: 'Submit' }).click()
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible({ timeout: 30_000 })
  if (toEnd) {
    await page.getByRole('button', { name: 'Yes', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Waits for you' })).toBeHidden()
    await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
  }
  return new URL(page.url().replace('#/', '')).searchParams.get('thread')!
}
