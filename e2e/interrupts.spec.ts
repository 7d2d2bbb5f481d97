import { expect, input, nodeCard, paste, research, test } from './start-studio.ts'

test('breakpoints on the canvas stop before and after a node, and Continue goes on', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await studio.chooseGraph('research')
  await nodeCard(page, 'review').hover()
  await page.getByRole('button', { name: 'Stop before review' }).click()
  await nodeCard(page, 'write').hover()
  await page.getByRole('button', { name: 'Stop after write' }).click()
  await expect(page.getByRole('button', { name: '2 breakpoints' })).toBeVisible()
  await input(page).getByRole('textbox', { name: 'question' }).fill('Is a heat pump worth it?')
  await input(page).getByRole('combobox', { name: 'depth' }).selectOption('quick')
  await input(page).getByRole('button', { name: 'Submit' }).click()
  await expect(page.getByText(/Paused before review/)).toBeVisible()
  await expect(nodeCard(page, 'review').locator('[data-status]')).toHaveAttribute('data-status', 'waiting')
  await page.keyboard.press('F5')
  await expect(page.getByText(/Paused before publish/)).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: '2 breakpoints' })).toBeVisible()
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
})

test('a question is a form: yes and no, or any other answer', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  const threadId = await research(studio)
  const card = page.getByRole('region', { name: 'Waits for you' })
  await expect(card.getByText('Publish this report?')).toBeVisible()
  await card.getByRole('button', { name: 'JSON' }).click()
  const editor = card.locator('.monaco-editor')
  await paste(editor, '{"approved": true, "title": "Warm houses"}')
  await card.getByRole('button', { name: 'Answer' }).click()
  await expect(card).toBeHidden()
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
  expect(JSON.stringify((await studio.client.threads.getState(threadId)).values)).toContain('Warm houses')
})

async function ask(page: Parameters<typeof input>[0], text: string) {
  await input(page).getByRole('textbox', { name: 'Message 1' }).fill(text)
  await input(page).getByRole('textbox', { name: 'Message 1' }).press('Control+Enter')
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
}

test('a proposed action is approved with edited arguments', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await ask(page, 'Email Ada the summary of the launch notes')
  const card = page.getByRole('region', { name: 'Waits for you' })
  await expect(card.getByText('send_email')).toBeVisible()
  await card.getByRole('button', { name: 'Edit', exact: true }).click()
  const editor = card.locator('.monaco-editor')
  await expect(editor).toContainText('subject')
  await paste(editor, '{"to": "ada@example.com", "subject": "Changed subject", "body": "Hello"}')
  await card.getByRole('button', { name: 'Run with these' }).click()
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
  await page.getByRole('tab', { name: 'Messages' }).click()
  await expect(page.getByText(/Changed subject/).first()).toBeVisible()
})

test('several questions at once are listed by id and answered together', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await ask(page, 'Email Ada and Grace the summary of the offsite notes')
  const card = page.getByRole('region', { name: 'Waits for you' })
  await expect(card.getByText(/^id /)).toHaveCount(2)
  await card.getByRole('button', { name: 'Approve' }).first().click()
  await expect(card.getByRole('button', { name: 'Send 1 of 2' })).toBeVisible()
  await card.getByRole('button', { name: 'Ignore' }).first().click()
  await expect(card.getByText(/^resume:/)).toBeVisible()
  await card.getByRole('button', { name: 'Send all answers' }).click()
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
})
