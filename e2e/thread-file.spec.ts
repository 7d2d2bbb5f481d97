import { writeFileSync } from 'node:fs'
import { expect, research, test } from './start-studio.ts'

test('a thread is saved as a file and opened again, beside itself; another file is refused in words', async ({ studio }, info) => {
  const { page, client } = studio
  await studio.open()
  const threadId = await research(studio)
  const row = page.getByRole('navigation', { name: 'Threads' })
  await row.getByRole('button', { name: /^More about/ }).first().click()
  const saving = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Save as a file' }).click()
  const download = await saving
  expect(download.suggestedFilename()).toBe(`thread-${threadId}.jsonl`)
  const file = info.outputPath('thread.jsonl')
  await download.saveAs(file)

  const open = async (path: string) => {
    await page.getByRole('banner').getByRole('button', { name: /Search threads/ }).click()
    await page.getByPlaceholder(/Type a command/).fill('thread file')
    const choosing = page.waitForEvent('filechooser')
    await page.keyboard.press('Enter')
    await (await choosing).setFiles(path)
  }
  await open(file)
  await expect(page).not.toHaveURL(new RegExp(threadId))
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
  const copy = new URL(page.url().replace('#/', '')).searchParams.get('thread')!
  expect((await client.threads.getHistory(copy, { limit: 100 })).length).toBe((await client.threads.getHistory(threadId, { limit: 100 })).length)

  const other = info.outputPath('other.jsonl')
  writeFileSync(other, 'no thread\n')
  await open(other)
  await expect(page.getByText(/line 1|is not/i).first()).toBeVisible()
})
