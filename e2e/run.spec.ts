import { expect, input, nodeCard, research, test } from './start-studio.ts'

test('the graph is drawn: conditional routes, subgraphs to open, positions that stay', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await studio.chooseGraph('research')
  await expect(nodeCard(page, 'planner')).toBeVisible()
  await expect(page.getByText('too thin')).toBeVisible()
  await expect(page.locator('.react-flow__edge path[style*="stroke-dasharray"]').first()).toBeVisible()
  await expect(nodeCard(page, 'researcher:search')).toHaveCount(0)
  await page.getByRole('button', { name: 'Open the subgraph researcher' }).click()
  await expect(nodeCard(page, 'researcher:search')).toBeVisible()
  await page.getByRole('button', { name: 'Close the subgraph researcher' }).click()
  await expect(nodeCard(page, 'researcher:search')).toHaveCount(0)

  const before = (await nodeCard(page, 'planner').boundingBox())!
  await page.mouse.move(before.x + 40, before.y + 12)
  await page.mouse.down()
  await page.mouse.move(before.x + 140, before.y + 40, { steps: 8 })
  await page.mouse.up()
  const moved = await nodeCard(page, 'planner').evaluate((element) => (element as HTMLElement).style.transform)
  await page.reload()
  await expect(nodeCard(page, 'planner')).toBeVisible()
  expect(await nodeCard(page, 'planner').evaluate((element) => (element as HTMLElement).style.transform)).toBe(moved)
})

test('a form from the schema runs the graph, and the canvas shows what ran', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await studio.chooseGraph('research')
  const form = input(page)
  await expect(form.getByRole('combobox', { name: 'depth' })).toHaveValue('1')
  await form.getByRole('textbox', { name: 'question' }).fill('Is a heat pump worth it?')
  await form.getByRole('combobox', { name: 'depth' }).selectOption('quick')
  await form.getByRole('button', { name: 'JSON' }).click()
  await expect(form.locator('.monaco-editor')).toContainText('quick')
  await form.getByRole('button', { name: 'Form' }).click()
  await expect(form.getByRole('textbox', { name: 'question' })).toHaveValue('Is a heat pump worth it?')
  await form.getByRole('textbox', { name: 'question' }).press('Control+Enter')
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
  await expect(nodeCard(page, 'planner').locator('[data-status]')).toHaveAttribute('data-status', 'done')
  await expect(nodeCard(page, 'publish').locator('[data-status]')).toHaveAttribute('data-status', 'waiting')
  await expect(nodeCard(page, 'give_up').locator('[data-status]')).toHaveAttribute('data-status', 'idle')
})

test.describe('at a pace to watch', () => {
  test.use({ speed: '1' })

  test('tokens, updates and custom events stream in; a stop keeps what was done', async ({ studio }) => {
    const { page } = studio
    await studio.open()
    await studio.chooseGraph('research')
    await input(page).getByRole('textbox', { name: 'question' }).fill('Is a heat pump worth it?')
    await page.keyboard.press('F5')
    const output = page.getByRole('log', { name: 'Output of the run' })
    await expect(output.getByText('researcher').first()).toBeVisible()
    await expect(output.getByText('says').first()).toBeVisible()
    await expect(nodeCard(page, 'researcher:search')).toBeVisible()
    await page.getByRole('button', { name: 'Stop Shift F5' }).click()
    await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible()
    await expect(page.getByRole('option', { name: /Superstep 1/ })).toBeVisible()
  })

  test('a reload in mid-run takes the stream up again', async ({ studio }) => {
    const { page } = studio
    await studio.open()
    await input(page).getByRole('textbox', { name: 'Message 1' }).fill('Hello')
    await input(page).getByRole('textbox', { name: 'Message 1' }).press('Control+Enter')
    await expect(page.getByRole('article').last()).toBeVisible()
    await page.reload()
    await expect(page.getByRole('log', { name: 'Output of the run' }).getByText('Hello').or(page.getByRole('option', { name: /Superstep 1/ })).first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible({ timeout: 30_000 })
    await page.getByRole('tab', { name: 'Messages' }).click()
    await expect(page.getByRole('region', { name: 'Messages' }).getByRole('article')).toHaveCount(2)
  })
})

test('what is typed into an editor stays as it was typed', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await input(page).getByRole('button', { name: 'JSON' }).click()
  const editor = input(page).locator('.monaco-editor')
  await editor.click()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.type('"a b": 12 345')
  await expect(editor).toContainText(/"a.b":.12.345/)
})

test('figures are what was typed, and keys belong to the editor they are pressed in', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await research(studio, undefined, { toEnd: true })
  await input(page).getByRole('textbox', { name: 'max_passes' }).pressSequentially('.3e1')
  await input(page).getByRole('button', { name: 'JSON' }).click()
  const json = input(page).locator('.monaco-editor')
  await expect(json).toContainText(/"max_passes":.3/)
  await page.getByRole('button', { name: 'Edit & fork' }).click()
  await expect(page.getByLabel('as node')).toBeVisible()
  await json.click()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('region', { name: 'Waits for you' })).toBeVisible()
  await expect(page.getByText('1 branch', { exact: false })).toBeVisible()
})

test('what was begun for a graph is there again, and a link to a thread brings its graph', async ({ studio }) => {
  const { page, client } = studio
  const { thread_id } = await client.threads.create()
  await client.runs.wait(thread_id, 'support', { input: { messages: [{ type: 'human', content: 'I want a refund' }] } })
  await studio.open(`#/studio?thread=${thread_id}`)
  await expect(page.getByRole('button', { name: 'Graph: support' })).toBeVisible()
  await input(page).getByRole('textbox', { name: 'user_id' }).fill('ada')
  await studio.chooseGraph('research')
  await studio.chooseGraph('support')
  await expect(input(page).getByRole('textbox', { name: 'user_id' })).toHaveValue('ada')
})

test('without storage the Studio works all the same', async ({ studio }) => {
  const { page } = studio
  await page.addInitScript(() => {
    for (const name of ['getItem', 'setItem'] as const) Object.defineProperty(Storage.prototype, name, { value: () => { throw new DOMException('Denied', 'SecurityError') } })
  })
  await studio.open()
  await research(studio)
})

test('a link to a thread that is gone says so', async ({ studio }) => {
  const { page } = studio
  await studio.open('#/studio?thread=11111111-1111-4111-8111-111111111111')
  await expect(page.getByText(/Thread with ID .* not found/).first()).toBeVisible()
  await studio.open()
  await research(studio)
  await page.evaluate(() => { location.hash = '#/studio?thread=11111111-1111-4111-8111-111111111111' })
  await expect(page.getByText("The state can't be read")).toBeVisible()
  await expect(page.getByRole('button', { name: 'Edit & fork' })).toHaveCount(0)
})

test('a failing run says what failed, where, and can be run again', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await studio.chooseGraph('research')
  await input(page).getByRole('textbox', { name: 'question' }).fill(' ')
  await input(page).getByRole('textbox', { name: 'question' }).press('Control+Enter')
  await expect(page.getByText('The research needs a question.').first()).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'planner failed.' })).toBeVisible()
  await expect(nodeCard(page, 'planner').locator('[data-status]')).toHaveAttribute('data-status', 'error')
  await expect(page.getByRole('navigation', { name: 'Threads' }).getByRole('img', { name: 'Failed' })).toBeVisible()
  await page.reload()
  const toolbar = page.getByRole('toolbar', { name: 'Run', exact: true })
  await expect(toolbar).toContainText('Failed at planner · superstep 0')
  await toolbar.getByRole('button', { name: 'Retry' }).click()
  await expect(toolbar.getByRole('alert')).toContainText('The research needs a question.')
})

test('threads: listed, opened by link, renamed, copied, filtered, deleted', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  const threadId = await research(studio, 'Is a heat pump worth it?', { toEnd: true })
  const list = page.getByRole('navigation', { name: 'Threads' })
  const row = list.getByRole('listitem').filter({ hasText: 'Is a heat pump worth it?' })
  await expect(row).toContainText('supersteps')

  const link = page.url()
  await page.getByRole('button', { name: 'New thread' }).click()
  await expect(page).not.toHaveURL(/thread=/)
  await page.goBack()
  await expect(page).toHaveURL(new RegExp(threadId))
  await page.goto('about:blank')
  await page.goto(link)
  await expect(page.getByRole('listbox', { name: 'Checkpoints' })).toBeVisible()

  await row.hover()
  await row.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: 'Rename…' }).click()
  await page.getByLabel('Title').fill('Heat pumps')
  await page.keyboard.press('Enter')
  await expect(list.getByText('Heat pumps')).toBeVisible()

  const renamed = list.getByRole('listitem').filter({ hasText: 'Heat pumps' })
  await renamed.hover()
  await renamed.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: 'Copy with its history' }).click()
  await expect(list.getByText('Heat pumps')).toHaveCount(2)
  await expect(page).not.toHaveURL(new RegExp(threadId))

  await list.getByLabel('Filter threads').fill('nothing like it')
  await expect(list.getByText('Nothing matches')).toBeVisible()
  await list.getByRole('button', { name: 'Show all threads' }).click()
  await expect(list.getByText('Heat pumps')).toHaveCount(2)

  await list.getByRole('listitem').filter({ hasText: 'Heat pumps' }).first().hover()
  await list.getByRole('button', { name: /^More about/ }).first().click()
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await page.getByRole('button', { name: 'Delete thread' }).click()
  await expect(list.getByText('Heat pumps')).toHaveCount(1)
})

test('the server may die and come back: what was known stays, and the Studio goes on', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await research(studio)
  await studio.kill('SIGKILL')
  await expect(page.getByText('The server does not answer')).toBeVisible({ timeout: 15_000 })
  await expect(page.getByRole('listbox', { name: 'Checkpoints' })).toBeVisible()
  await studio.restart()
  await expect(page.getByText('The server does not answer')).toBeHidden({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Yes', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Run F5' })).toBeVisible()
})
