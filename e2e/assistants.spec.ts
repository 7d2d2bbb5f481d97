import { expect, input, paste, test } from './start-studio.ts'

test('an assistant is made, edited with the schema at hand, rolled back, and run', async ({ studio }) => {
  const { page, client } = studio
  await studio.open()
  await studio.chooseGraph('support')
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Assistants' }).click()
  const list = page.getByRole('navigation', { name: 'Assistants' })
  await list.getByRole('button', { name: /support system/ }).click()
  await page.getByRole('button', { name: 'Duplicate' }).click()
  await expect(page.getByLabel('Name')).toHaveValue(/ copy$/)
  await page.getByLabel('Name').fill('Strict desk')
  const editor = page.getByRole('main').locator('.monaco-editor').first()
  await paste(editor, '{"tone": "severe"}')
  await expect(page.getByText(/Value is not accepted/).first()).toBeVisible()
  await paste(editor, '{"tone": "strict"}')
  await expect(page.getByText(/Value is not accepted/)).toHaveCount(0)
  await page.getByRole('button', { name: /^Save as v2/ }).click()
  await expect(page.getByRole('button', { name: /^Save as v3/ })).toBeVisible()
  await page.getByRole('button', { name: 'Form' }).click()
  await page.getByRole('main').getByRole('combobox', { name: 'tone' }).selectOption('warm')
  await page.keyboard.press('Control+s')
  await expect(page.getByRole('button', { name: /^Save as v4/ })).toBeVisible()
  await page.getByRole('button', { name: 'Restore v2' }).click()
  await expect.poll(async () => (await client.assistants.search({ name: 'Strict desk' }))[0]).toMatchObject({ version: 2, context: { tone: 'strict' } })

  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Studio' }).click()
  await expect(page.getByRole('button', { name: 'Assistant: Strict desk, version 2' })).toBeVisible()
  await input(page).getByRole('textbox', { name: 'Message 1' }).fill('I want a refund')
  await input(page).getByRole('textbox', { name: 'Message 1' }).press('Control+Enter')
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
  const [thread] = await client.threads.search({ metadata: { graph_id: 'support' } })
  const { messages } = thread!.values as { messages: { content: string }[] }
  expect(messages.at(-1)!.content).not.toMatch(/^(Hello|Hi)/)
})

test('a draft survives going elsewhere and a reload', async ({ studio }) => {
  const { page } = studio
  await studio.open('#/assistants')
  const list = page.getByRole('navigation', { name: 'Assistants' })
  await list.getByRole('button', { name: /support system/ }).click()
  await page.getByLabel('Description').fill('Answers in my own words')
  await expect(list.getByText(/draft not saved/)).toBeVisible()
  await list.getByRole('button', { name: /agent system/ }).click()
  await page.reload()
  await list.getByRole('button', { name: /support system/ }).click()
  await expect(page.getByLabel('Description')).toHaveValue('Answers in my own words')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(list.getByText(/draft not saved/)).toHaveCount(0)
})

test('what graphs remember is browsed, added to and deleted', async ({ studio }) => {
  const { page, client } = studio
  await client.store.putItem(['memories', 'ada'], 'name', { text: 'Her name is Ada' })
  await studio.open('#/store')
  const namespaces = page.getByRole('navigation', { name: 'Namespaces' })
  await namespaces.getByRole('button', { name: 'ada', exact: true }).click()
  await page.getByRole('region', { name: 'Items' }).getByRole('button', { name: /^name/ }).click()
  await expect(page.getByRole('main').locator('.monaco-editor')).toContainText('Ada')
  await paste(page.getByRole('main').locator('.monaco-editor'), '{"text": "She is called Ada"}')
  await page.getByRole('button', { name: /^Save/ }).click()
  await expect.poll(async () => (await client.store.getItem(['memories', 'ada'], 'name'))?.value).toEqual({ text: 'She is called Ada' })
})

test('a link to a foreign server is asked about first', async ({ studio }) => {
  const { page } = studio
  await page.goto(`${studio.url}/studio/?server=https://agents.example`)
  const dialog = page.getByRole('dialog', { name: 'Connect to this server?' })
  await expect(dialog).toBeVisible()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Server ready')).toBeVisible()
})
