import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
// @ts-expect-error -- a script for plain Node, without types
import * as script from '../../../scripts/find-chromium.mjs'
import { BY_TEST, startProjectServer, type ProjectServer } from '../start-project-server.ts'
import { proofsOf } from './proofs.ts'
import { HOOKS, servePage, type PageServer } from './use-stream/open-page.ts'

const SWITCHES = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
const { knownChromium } = script as { knownChromium(): string | null }
const executablePath = knownChromium()
const graphs = Object.fromEntries(Object.entries({ chat: 'clients', failing: 'graph', teams: 'graph', talking: 'talking', delegating: 'delegating' }).map(([id, file]) => [id, { path: `./${file}.ts:${id}`, description: null }]))

if (!executablePath) test.skip('useStream is not tried: there is no Chromium or Chrome')
else describe('useStream in Chromium', () => {
  let server: ProjectServer
  let browser: Browser
  beforeAll(async () => {
    server = await startProjectServer({}, { graphs })
    browser = await chromium.launch({ executablePath, args: SWITCHES })
  })
  afterAll(async () => {
    await browser.close()
    await server.stop(0)
  })

  describe.each(Object.keys(HOOKS) as (keyof typeof HOOKS)[])('of %s', (hook) => {
    const proofs = proofsOf(hook, () => server)
    let pages: PageServer
    let page: Page
    let complaints: string[]
    beforeAll(async () => { pages = await servePage(hook) })
    afterAll(() => pages.stop())
    beforeEach(async () => {
      page = await browser.newPage()
      complaints = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      await page.goto(pages.urlFor(server.url))
    })
    afterEach(async () => {
      await page.close()
      expect(complaints).toEqual([])
    })

    const line = (text: string, exact = true) => page.getByRole('listitem').filter({ hasText: exact ? new RegExp(`^${text}$`) : text })
    const lines = () => page.getByRole('listitem').allTextContents()
    const idle = () => page.getByLabel('status').filter({ hasText: 'idle' }).waitFor()
    const threadId = () => page.getByLabel('thread', { exact: true }).textContent()
    async function send(text: string, pace = 0): Promise<void> {
      await page.getByLabel('pace').fill(String(pace))
      await page.getByLabel('text').fill(text)
      await page.getByRole('button', { name: 'Send' }).click()
    }

    test('sends and shows the answer as it grows', async () => {
      await send('a longer text to be said again', 40)
      await page.getByLabel('status').filter({ hasText: 'running' }).waitFor()
      await line('You said: a .{0,25}').waitFor()
      await line('You said: a longer text to be said again').waitFor()
      await idle()
      await send('more')
      await line('You said: more').waitFor()
      await idle()
      expect(await lines()).toEqual(['a longer text to be said again', 'You said: a longer text to be said again', 'more', 'You said: more'])
      expect(await page.getByLabel('error').textContent()).toBe('')
    })

    test('shows a question and resumes with the answer', async () => {
      await send('may I')
      await page.getByRole('region', { name: 'question' }).filter({ hasText: 'May they?' }).waitFor()
      await idle()
      await page.reload()
      await page.getByRole('region', { name: 'question' }).filter({ hasText: 'May they?' }).waitFor()
      await page.getByRole('button', { name: 'Yes' }).click()
      await line('You said: may I').waitFor()
      await idle()
      expect(await page.getByRole('region', { name: 'question' }).count()).toBe(0)
    })

    test('takes a running stream up again after a reload', async () => {
      const text = 'a text that takes its time until all its letters are there'
      await send(text, 40)
      await line('You said: a', false).waitFor()
      await page.reload()
      await line(`You said: ${text}`).waitFor()
      await idle()
      expect(await lines()).toEqual([text, `You said: ${text}`])
    })

    test('stops a run', async () => {
      await send('x'.repeat(2000), 40)
      await line('You said: x', false).waitFor()
      await page.getByRole('button', { name: 'Stop' }).click()
      await idle()
      const id = await threadId()
      await expect.poll(async () => (await fetch(`${server.url}/threads/${id}/runs`, { headers: BY_TEST }).then((response) => response.json()) as { status: string }[])[0]!.status).toBe('interrupted')
    })

    test('goes from thread to thread', async () => {
      await send('one')
      await line('You said: one').waitFor()
      await idle()
      const one = await threadId()
      await page.getByRole('button', { name: 'New thread' }).click()
      await expect.poll(lines).toEqual([])
      await send('two')
      await line('You said: two').waitFor()
      await idle()
      expect(await threadId()).not.toBe(one)
      await page.getByLabel('id', { exact: true }).fill(one!)
      await page.getByRole('button', { name: 'Open' }).click()
      await expect.poll(lines).toEqual(['one', 'You said: one'])
    })

    test('tells the failure of a graph', async () => {
      await page.goto(pages.urlFor(server.url, { assistant: 'failing', field: 'topic' }))
      await send('anything')
      await page.getByLabel('error').filter({ hasText: 'This node always fails.' }).waitFor()
      await idle()
      // Some of the hooks also tell the console.
      complaints = complaints.filter((text) => !text.includes('This node always fails.'))
    })

    // What the hook has from version 1 on.
    if (HOOKS[hook].page === 'page-1.tsx') {
      test('has the calls of tools', async () => {
        await page.goto(pages.urlFor(server.url, { assistant: 'talking' }))
        await send('how is it outside?')
        await line('It is raining.', false).waitFor()
        await idle()
        const [told] = (await page.getByLabel('tools').textContent())!.split('\n')
        expect(JSON.parse(told!)).toMatchObject({ name: 'look_up', input: { city: 'Oslo' }, status: 'finished' })
      })

      test('discovers graphs within graphs, while they run and when the page is opened again', async () => {
        await page.goto(pages.urlFor(server.url, { assistant: 'teams', field: 'path' }))
        await send('start')
        await page.getByLabel('subgraphs').filter({ hasText: 'team complete' }).waitFor()
        await idle()
        await expect.poll(() => page.getByLabel('values').textContent()).toContain('draft')
        await page.reload()
        await page.getByLabel('subgraphs').filter({ hasText: 'team complete' }).waitFor()
      })

      test('follows a subagent in a stream of its own', async () => {
        const subagent = page.getByRole('region', { name: 'subagent parrot' })
        await page.goto(pages.urlFor(server.url, { assistant: 'delegating' }))
        await send('count the leaves', 30)
        await subagent.filter({ hasText: /running: count the leaves \/ You said: c.{0,14}$/ }).waitFor()
        await line('It was reported: You said: count the leaves').waitFor()
        await idle()
        await subagent.filter({ hasText: 'complete: count the leaves / You said: count the leaves' }).waitFor()
        await page.reload()
        await subagent.filter({ hasText: 'complete: count the leaves / You said: count the leaves' }).waitFor()
      })
    }

    proofs.areAsTold()
  })
})
