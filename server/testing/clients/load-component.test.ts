import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
// @ts-expect-error -- a script for plain Node, without types
import * as script from '../../../scripts/find-chromium.mjs'
import { startProjectServer, type ProjectServer } from '../start-project-server.ts'
import { proofsOf } from './proofs.ts'
import { serveSource, type PageServer } from './use-stream/open-page.ts'

const SWITCHES = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1']
const { knownChromium } = script as { knownChromium(): string | null }
const executablePath = knownChromium()

if (!executablePath) test.skip('LoadExternalComponent is not tried: there is no Chromium or Chrome')
else describe('LoadExternalComponent in Chromium', () => {
  let server: ProjectServer
  let browser: Browser
  let pages: PageServer
  let page: Page
  let complaints: string[]
  const proofs = proofsOf('react-ui', () => server)
  beforeAll(async () => {
    pages = await serveSource(join(import.meta.dirname, 'load-component/page.tsx'))
    const { origin } = new URL(pages.urlFor('', {}, 'chat.test'))
    server = await startProjectServer({ guard: { hosts: [], origins: [origin], originPattern: null, token: null } }, { graphs: { forecast: { path: './forecast.ts:forecast', description: null } } })
    browser = await chromium.launch({ executablePath, args: SWITCHES })
  })
  afterAll(async () => {
    await browser.close()
    pages.stop()
    await server.stop(0)
  })
  beforeEach(async () => {
    page = await browser.newPage()
    complaints = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  })
  afterEach(() => page.close())

  const ask = async (city: string) => {
    await page.getByLabel('city').fill(city)
    await page.getByRole('button', { name: 'Ask' }).click()
  }

  // The server is at 127.0.0.1: of the same site, of another site that is this machine, and of an origin that the project names.
  test.each(['127.0.0.1', 'localhost', 'chat.test'])('a page of %s shows a component with its props and styles in a shadow root', async (host) => {
    await page.goto(pages.urlFor(server.url, {}, host))
    await ask('Oslo')
    const frame = page.getByRole('region', { name: 'frame' })
    await frame.getByText('21 degrees').waitFor()
    expect(await frame.getByRole('heading').textContent()).toBe('The sky over Oslo')
    expect(await frame.evaluate((element) => element.getRootNode() instanceof ShadowRoot)).toBe(true)
    const styleOf = (text: string) => page.getByText(text).evaluate((element) => ({ color: getComputedStyle(element).color, weight: getComputedStyle(element).fontWeight, image: getComputedStyle(element).backgroundImage.slice(0, 24) }))
    await expect.poll(() => styleOf('The sky over Oslo')).toMatchObject({ color: 'rgb(1, 2, 3)' })
    expect(await styleOf('21 degrees')).toMatchObject({ weight: '700', image: 'url("data:image/svg+xml,' })
    expect(await styleOf('outside')).toMatchObject({ color: 'rgb(0, 0, 0)' })
    await page.getByLabel('status').filter({ hasText: 'idle' }).waitFor()
    await frame.getByRole('button', { name: 'More' }).click()
    expect(await frame.locator('.more').textContent()).toBe('2 messages, asked by the page')
    expect(await page.getByText('Waiting').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('many components of one bundle live side by side', async () => {
    await page.goto(pages.urlFor(server.url))
    for (const city of ['Oslo', 'Rome', 'Lima']) {
      await ask(city)
      await page.getByText(`The sky over ${city}`).waitFor()
      await page.getByLabel('status').filter({ hasText: 'idle' }).waitFor()
    }
    await expect.poll(() => page.getByRole('heading').allTextContents()).toEqual(['The sky over Oslo', 'The sky over Rome', 'The sky over Lima'])
    await page.getByRole('button', { name: 'More' }).nth(1).click()
    expect(await page.locator('.more').count()).toBe(1)
    expect(complaints).toEqual([])
  })

  test('a page whose origin nobody allowed gets neither the tags nor what they name', async () => {
    await page.goto(pages.urlFor(server.url, {}, 'evil.test'))
    const load = (tag: 'script' | 'link', file: string) => page.evaluate(([name, address]) => new Promise<string>((done) => {
      const element = document.createElement(name!)
      element.addEventListener('load', () => done('loaded'))
      element.addEventListener('error', () => done('refused'))
      if (element instanceof HTMLScriptElement) element.src = address!
      else Object.assign(element, { rel: 'stylesheet', href: address! })
      document.head.append(element)
    }), [tag, `${server.url}/ui/forecast/${file}`])
    expect([await load('script', 'entrypoint.js'), await load('link', 'entrypoint.css')]).toEqual(['refused', 'refused'])
    await page.goto(pages.urlFor(server.url, {}, 'chat.test'))
    expect([await load('script', 'entrypoint.js'), await load('link', 'entrypoint.css')]).toEqual(['loaded', 'loaded'])
  })

  proofs.areAsTold()
})
