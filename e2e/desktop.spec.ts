import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, expect, test, type ElectronApplication } from '@playwright/test'
// @ts-expect-error -- a script for plain Node, without types
import * as decideStart from '../scripts/decide-start.mjs'
// @ts-expect-error -- a script for plain Node, without types
import * as electron from '../scripts/find-electron.mjs'

const program = (electron as { findElectron(): string | null }).findElectron()
const hasDisplay = (decideStart as { hasDisplay(system: NodeJS.Process): boolean }).hasDisplay(process)
const reason = program === null ? 'The desktop runtime (Electron) is not here: npm start fetches it.' : 'There is no display for a window.'

const canRun = program !== null && hasDisplay

// The runner reads this file once itself and once more in every worker.
if (!canRun && !process.env['TEST_WORKER_INDEX']) console.log(`The desktop journeys are skipped. ${reason}`)
test.skip(!canRun, reason)

let app: ElectronApplication
let userData: string

test.beforeEach(async () => {
  userData = mkdtempSync(join(tmpdir(), 'superstep-desktop-'))
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  app = await _electron.launch({
    executablePath: program!,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), `--user-data-dir=${userData}`, resolve('.')],
    env: env as Record<string, string>,
  })
})

test.afterEach(async () => {
  await app.close()
  rmSync(userData, { recursive: true, force: true })
})

test('the window shows the demo in the Studio, behind a bridge and without Node', async () => {
  const page = await app.firstWindow()
  await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/studio\//)
  await expect(page.getByText('research').first()).toBeVisible()

  const seen = await page.evaluate(async () => {
    const bridge = window.superstep!
    const connection = await bridge.connection()
    const send = async (headers: Record<string, string>) => (await fetch(`${connection!.url}/assistants/search`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })).status
    return {
      hasNode: 'require' in window || 'process' in window || 'module' in window,
      url: connection!.url, origin: location.origin, address: location.href, token: connection!.token,
      withToken: await send({ 'x-api-key': connection!.token }), without: await send({}),
    }
  })
  expect(seen).toMatchObject({ hasNode: false, url: seen.origin, withToken: 200, without: 401 })
  expect(seen.address).not.toContain(seen.token)
})

test('the window opens no other and goes to no other site', async () => {
  const page = await app.firstWindow()
  await page.waitForURL(/\/studio\//)
  const before = page.url()
  const opened = await page.evaluate(() => window.open('http://example.com') !== null)
  expect(opened).toBe(false)
  await page.evaluate(() => { location.href = 'http://example.com/' })
  await page.evaluate(() => new Promise((settle) => requestAnimationFrame(settle)))
  expect(page.url()).toBe(before)
  expect(app.windows()).toHaveLength(1)
})
