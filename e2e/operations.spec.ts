import { createServer } from 'node:http'
import { expect, research, test } from './start-studio.ts'

test('runs of all threads with what they were asked, their times and what failed; one and all are cancelled', async ({ studio }) => {
  const { page, client } = studio
  await studio.open()
  const views = page.getByRole('navigation', { name: 'Views' })
  await views.getByRole('button', { name: 'Runs' }).click()
  await expect(page.getByText('No runs yet')).toBeVisible()
  await views.getByRole('button', { name: 'Studio' }).click()
  await research(studio)
  const { thread_id } = await client.threads.create()
  await client.runs.wait(thread_id, 'agent', { input: { messages: [{ type: 'human', content: 'hello' }] }, config: { recursion_limit: 1 }, raiseError: false })
  const later = await client.threads.create()
  await client.runs.create(later.thread_id, 'agent', { input: { messages: [] }, afterSeconds: 500 })

  await views.getByRole('button', { name: 'Runs' }).click()
  const list = page.getByRole('list', { name: 'Runs' })
  await expect(list.getByRole('button')).toHaveCount(3)
  await expect(page.getByText(/0 of \d+ places taken · 1 worker · 1 in the queue/)).toBeVisible()
  await list.getByRole('button', { name: /Failed/ }).click()
  await expect(page.getByRole('alert').getByText('GraphRecursionError')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText('recursion_limit')
  await expect(page.getByText(/in the queue .*at work/)).toBeVisible()
  await page.getByRole('combobox', { name: 'Filter by graph' }).selectOption('research')
  await expect(list.getByRole('button')).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Filter by title, id or error' }).fill('nothing like it')
  await page.getByRole('button', { name: 'Show all runs' }).click()
  await page.getByRole('button', { name: 'Cancel all' }).click()
  await page.getByRole('button', { name: 'Cancel them' }).click()
  await expect(page.getByText(/0 in the queue/)).toBeVisible()
  await list.getByRole('button', { name: /hello/ }).click()
  await page.getByRole('button', { name: 'Open the thread' }).click()
  await expect(page).toHaveURL(new RegExp(`studio.*thread=${thread_id}`))
})

test('a cron is made with its times told, runs now, is paused, changed and deleted', async ({ studio }) => {
  const { page, client } = studio
  await studio.open('#/crons')
  await page.getByRole('button', { name: 'New cron' }).last().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Schedule' }).fill('99 * * * *')
  await expect(dialog.getByRole('alert')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled()
  await dialog.getByRole('textbox', { name: 'Schedule' }).fill('0 9 * * 1-5')
  await dialog.getByRole('combobox', { name: 'Time zone' }).selectOption('Europe/Berlin')
  await expect(dialog.getByText('At 09:00, Monday through Friday')).toBeVisible()
  await expect(dialog.getByText(/^Next: \w{3} \d+ \w{3}, 09:00/)).toBeVisible()
  await dialog.getByRole('combobox', { name: 'Assistant' }).selectOption({ label: 'support' })
  await dialog.getByRole('button', { name: 'Create' }).click()
  const list = page.getByRole('list', { name: 'Crons' })
  await expect(list.getByRole('button', { name: /At 09:00, Monday through Friday/ })).toBeVisible()
  const [cron] = await client.crons.search()
  expect(cron).toMatchObject({ schedule: '0 9 * * 1-5', timezone: 'Europe/Berlin', enabled: true })

  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('region', { name: 'Runs so far' }).getByRole('listitem')).toHaveCount(1)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('button', { name: 'Switch on' })).toBeVisible()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await dialog.getByRole('button', { name: 'every ten minutes' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(list.getByRole('button', { name: /Every 10 minutes/ })).toBeVisible()
  expect(await client.crons.search()).toMatchObject([{ cron_id: cron!.cron_id, schedule: '*/10 * * * *', enabled: false }])
  await page.getByRole('button', { name: 'Delete the cron' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByText('Nothing runs by a schedule')).toBeVisible()
})

test('deliveries of webhooks are listed with their attempts, and sent again', async ({ studio }) => {
  const { page, client } = studio
  let told = 0
  const receiver = createServer((request, response) => request.resume().on('end', () => {
    told++
    response.end()
  }))
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const { port } = receiver.address() as { port: number }
  try {
    await studio.open('#/webhooks')
    await expect(page.getByText('No webhooks yet')).toBeVisible()
    const { thread_id } = await client.threads.create()
    await client.runs.wait(thread_id, 'agent', { input: { messages: [{ type: 'human', content: 'hello' }] }, webhook: `http://127.0.0.1:${port}/told` })
    await expect.poll(() => told).toBe(1)
    await page.getByRole('button', { name: 'Look again' }).click().catch(() => {})
    await expect(page.getByRole('list', { name: 'Webhooks' }).getByRole('button', { name: /Delivered/ })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Attempts' }).getByRole('cell', { name: '200' })).toBeVisible()
    await page.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => told).toBe(2)
    await page.getByRole('combobox', { name: 'Filter by status' }).selectOption('failed')
    await expect(page.getByText('No delivery is like that')).toBeVisible()
  } finally {
    receiver.close()
  }
})
