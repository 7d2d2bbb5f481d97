// `npm run screenshots`: the pictures of the README and the tour, of the real Studio on the demo.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@langchain/langgraph-sdk'
import { chromium } from 'playwright-core'
import { findChromium } from './find-chromium.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TARGET = join(ROOT, 'docs/images')
const dataDir = mkdtempSync(join(tmpdir(), 'superstep-screenshots-'))
const executablePath = findChromium()
if (!executablePath) process.exit(1)

const server = spawn(process.execPath, [join(ROOT, 'out/server/cli.js'), 'dev', '--config', join(ROOT, 'resources/demo/langgraph.json'), '--data-dir', dataDir, '--no-browser', '--json-ready'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DEMO_SPEED: '0' } })
const url = await new Promise((found, failed) => {
  server.stdout.on('data', (chunk) => {
    const line = /^\{"ready":true.*$/m.exec(String(chunk))?.[0]
    if (line) found(JSON.parse(line).url)
  })
  server.once('exit', () => failed(new Error('The server did not start. Is it built? (npm run build)')))
})
const client = new Client({ apiUrl: url })

async function ask(graph, input, resume, context) {
  const { thread_id } = await client.threads.create({ metadata: { graph_id: graph } })
  await client.runs.wait(thread_id, graph, { input, raiseError: false, ...(context ? { context } : {}) })
  for (const answer of resume ?? []) await client.runs.wait(thread_id, graph, { command: { resume: answer }, raiseError: false })
  return thread_id
}
const human = (content) => ({ messages: [{ type: 'human', content }] })

await ask('support', human('The app crashes at start'))
await ask('support', { ...human('My name is Ada and I prefer email'), user_id: 'ada' })
await ask('agent', human('How is the weather in Tokyo and London?'))
await ask('agent', human('Email Ada and Grace the summary of the offsite notes'))
await ask('research', { question: ' ' })
await ask('research', { question: 'What is the future of quantum knitting?' })
await ask('agent', human('What is 17 * 23?'))
const mail = await ask('agent', human('Email Ada the summary of the launch notes'))
const { assistant_id } = await client.assistants.create({ graphId: 'support', name: 'Strict desk', context: { tone: 'warm', max_suggestions: 2 } })
await client.assistants.update(assistant_id, { context: { tone: 'strict', temperature: 0.2, max_suggestions: 2, system_prompt: 'You answer for a small shop. Be brief.' } })
// One thread with a fork: another draft, and the question still open.
const forked = await ask('research', { question: 'Is a heat pump worth it?' }, [true])
const history = await client.threads.getHistory(forked, { limit: 100 })
const afterReview = history.findLast((state) => state.next.includes('dispatch'))
const copy = await client.threads.updateState(forked, { values: { passes: 1 }, asNode: 'review', checkpointId: afterReview.checkpoint.checkpoint_id })
await client.runs.wait(forked, 'research', { input: null, checkpointId: copy.checkpoint.checkpoint_id })

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] })
mkdirSync(TARGET, { recursive: true })

async function picture(name, colorScheme, hash, prepare = async () => {}) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme })
  await page.goto(`${url}/studio/${hash}`)
  await page.getByText('Server ready').waitFor()
  await prepare(page)
  await page.waitForTimeout(900)
  await page.screenshot({ path: join(TARGET, `${name}.png`) })
  console.log(`docs/images/${name}.png`)
  await page.close()
}

const openSubgraph = async (page) => {
  await page.getByRole('button', { name: 'Open the subgraph researcher' }).click()
  await page.getByRole('button', { name: 'Close the subgraph researcher' }).waitFor()
}
await picture('studio-dark', 'dark', `#/studio?thread=${forked}`, openSubgraph)
await picture('studio-light', 'light', `#/studio?thread=${forked}`, openSubgraph)
await picture('history-dark', 'dark', `#/studio?thread=${forked}`, async (page) => {
  await page.getByRole('option', { name: /after dispatch/ }).first().click()
  await page.getByRole('tab', { name: /Changes/ }).click()
})
await picture('assistants-light', 'light', `#/assistants?assistant=${assistant_id}`)
const agent = (await client.assistants.search({ graphId: 'agent' }))[0].assistant_id
await picture('trace-dark', 'dark', `#/studio?thread=${mail}&assistant=${agent}`, (page) => page.getByRole('tab', { name: 'Trace' }).click())
await picture('chat-light', 'light', `#/chat?thread=${mail}&assistant=${agent}`)
await picture('inbox-dark', 'dark', '#/inbox')
await picture('runs-dark', 'dark', '#/runs')

await browser.close()
server.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
server.kill('SIGTERM')
