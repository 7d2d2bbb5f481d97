import { expect, test } from './start-studio.ts'

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('a conversation: said, answered, said differently, answered again, each a branch', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Chat' }).click()
  await expect(page.getByText('Nothing said yet')).toBeVisible()
  const message = page.getByRole('textbox', { name: 'Message', exact: true })
  const log = page.getByRole('log', { name: 'Conversation' })
  await message.fill('What is 17 * 23?')
  await message.press('Enter')
  await expect(log.getByText('The result is 391.')).toBeVisible()
  await expect(message).toHaveValue('')
  await expect(log.getByText('17 * 23', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible()

  await log.getByText('What is 17 * 23?').hover()
  await log.getByRole('button', { name: 'Say it differently' }).click()
  await log.getByRole('textbox', { name: 'Say it differently' }).fill('What is 6 * 7?')
  await log.getByRole('button', { name: 'Send as a new branch' }).click()
  await expect(log.getByText('The result is 42.')).toBeVisible()
  await expect(log.getByText('The result is 391.')).toBeHidden()
  await expect(page.getByText('2 branches')).toBeVisible()

  await log.getByText('The result is 42.').hover()
  await log.getByRole('button', { name: 'Answer again' }).last().click()
  await expect(page.getByText('3 branches')).toBeVisible()
  await expect(log.getByText('The result is 42.')).toBeVisible()
  await page.reload()
  await expect(log.getByText('The result is 42.')).toBeVisible()
  const threadId = new URL(page.url().replace('#/', '')).searchParams.get('thread')!
  const states = await studio.client.threads.getHistory(threadId, { limit: 100 })
  expect(states.filter(({ next }) => next.length === 0)).toHaveLength(3)
})

test('pictures are attached, a question is answered in the flow, and a graph without messages says so', async ({ studio }) => {
  const { page } = studio
  await studio.open('#/chat')
  await page.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: PIXEL })
  await expect(page.getByRole('list', { name: 'Attached' }).getByText('dot.png')).toBeVisible()
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Email Ada the summary of the launch notes')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
  await expect(page.getByAltText('Image of the message')).toBeVisible()
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeHidden()
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible()
  await page.keyboard.press('Escape')
  await studio.chooseGraph('research')
  await expect(page.getByText('This graph has no conversation')).toBeVisible()
})
