import { AxeBuilder } from '@axe-core/playwright'
import { expect, input, research, test } from './start-studio.ts'

const SIZES = [{ width: 1440, height: 900 }, { width: 1024, height: 700 }]

for (const colorScheme of ['dark', 'light'] as const) {
  for (const viewport of SIZES) {
    test.describe(`${colorScheme}, ${viewport.width} × ${viewport.height}`, () => {
      test.use({ colorScheme, viewport })

      test('every view is accessible and nothing is cut off', async ({ studio }) => {
        test.slow()
        const { page } = studio
        await studio.open()
        const check = async (what: string) => {
          const { violations } = await new AxeBuilder({ page }).exclude('.monaco-editor').analyze()
          expect(violations.map(({ id, nodes }) => `${what}: ${id} ${nodes.map((node) => node.target.join(' ')).join(' | ')}`)).toEqual([])
          expect(await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight])).toEqual([true, true])
        }
        await expect(page.getByText('start', { exact: true })).toBeVisible()
        await check('empty')
        await research(studio)
        await check('a thread that waits')
        for (const view of ['Chat', 'Inbox', 'Runs', 'Assistants', 'Memory', 'Crons', 'Webhooks', 'Logs', 'Settings']) {
          await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view }).click()
          await expect(page.getByText(view).first()).toBeVisible()
          await check(view)
        }
        await page.keyboard.press('Control+k')
        await expect(page.getByPlaceholder(/Type a command/)).toBeVisible()
        await check('palette')
      })
    })
  }
}

test.describe('in a narrow window', () => {
  test.use({ viewport: { width: 1024, height: 700 } })

  test('threads fold first, then the inspector is a drawer', async ({ studio }) => {
    const { page } = studio
    await studio.open()
    await expect(page.getByRole('navigation', { name: 'Threads' })).toBeHidden()
    await research(studio)
    await expect(page.getByRole('complementary', { name: 'Inspector' })).toBeVisible()
    await page.getByRole('complementary', { name: 'Inspector' }).getByRole('button', { name: 'Close' }).click()
    await page.getByRole('banner').getByRole('button', { name: 'Threads', exact: true }).click()
    await expect(page.getByRole('navigation', { name: 'Threads' })).toBeVisible()
  })
})

test('the palette finds commands and threads by name', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await research(studio, 'Is a heat pump worth it?', { toEnd: true })
  await page.keyboard.press('n')
  await expect(page).not.toHaveURL(/thread=/)
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder(/Type a command/).fill('heat pump')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/thread=/)
})

test('everything can be reached by the keyboard', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await expect(input(page).getByRole('textbox', { name: 'Message 1' })).toBeVisible()
  const reached = new Set<string>()
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''))
  }
  for (const name of ['Search threads and commands', 'Assistants', 'Filter by status', 'New thread', 'Zoom in', 'Message 1']) expect([...reached].join('|')).toContain(name)
})
