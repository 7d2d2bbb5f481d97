import { expect, input, test } from './start-studio.ts'

test('what will be sent is shown to the letter and as code, with the options of the run', async ({ studio }) => {
  const { page, client } = studio
  await studio.open()
  await input(page).getByRole('textbox', { name: 'Message 1' }).fill('What is 2 * 3?')
  await input(page).getByRole('button', { name: 'Run options' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Recursion limit' }).fill('x')
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Recursion limit' }).fill('17')
  await dialog.getByRole('textbox', { name: 'Metadata' }).fill('{"ticket": 42}')
  await dialog.getByRole('combobox', { name: 'Checkpoints are written' }).selectOption('sync')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(input(page).getByRole('button', { name: 'Run options: 3 changed' })).toBeVisible()

  await input(page).getByRole('button', { name: 'What will be sent' }).click()
  const shown = dialog.getByLabel('What will be sent', { exact: true }).last()
  await expect(shown).toContainText('"recursion_limit": 17')
  await expect(shown).toContainText('"durability": "sync"')
  await dialog.getByRole('button', { name: 'Python' }).click()
  await expect(shown).toContainText('client.runs.stream(')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await input(page).getByRole('button', { name: 'Submit' }).click()
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
  const threadId = new URL(page.url().replace('#/', '')).searchParams.get('thread')!
  const [run] = await client.runs.list(threadId)
  expect(run).toMatchObject({ metadata: { ticket: 42 }, kwargs: { durability: 'sync', config: { recursion_limit: 17 } } })
  await page.reload()
  await expect(input(page).getByRole('button', { name: 'Run options: 3 changed' })).toBeVisible()
})
