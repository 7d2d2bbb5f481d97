import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './start-studio.ts'

const project = mkdtempSync(join(tmpdir(), 'superstep-printing-'))
writeFileSync(join(project, 'langgraph.json'), '{"graphs": {"printing": "./graph.mjs:graph"}}')
writeFileSync(join(project, 'graph.mjs'), `
import { Annotation, StateGraph } from '@langchain/langgraph'
export const graph = new StateGraph(Annotation.Root({ times: Annotation() }))
  .addNode('print', ({ times }) => {
    for (let i = 0; i < times; i++) console.log('line', i)
    console.error('something is odd')
    return {}
  })
  .addEdge('__start__', 'print').addEdge('print', '__end__').compile()
`)
test.use({ config: join(project, 'langgraph.json') })

test('what graphs print is read as it comes, found by text and level, and leads to its thread', async ({ studio }) => {
  const { page, client } = studio
  await studio.open('#/logs')
  await expect(page.getByText('Nothing printed yet')).toBeVisible()
  const { thread_id } = await client.threads.create({ metadata: { graph_id: 'printing' } })
  await client.runs.wait(thread_id, 'printing', { input: { times: 1500 } })
  const log = page.getByRole('log', { name: 'Lines' })
  await expect(page.getByText('1501', { exact: true })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter by text, run or node' }).fill('line 1499')
  await expect(log.getByText('line 1499')).toBeVisible()
  await expect(log.getByText('something is odd')).toBeHidden()
  await page.getByRole('searchbox', { name: 'Filter by text, run or node' }).fill('nowhere')
  await page.getByRole('button', { name: 'Show all lines' }).click()
  await page.getByRole('combobox', { name: 'Level' }).selectOption({ label: 'error and graver' })
  await expect(page.getByText('1', { exact: true })).toBeVisible()
  await log.getByRole('button', { name: 'print' }).click()
  await expect(page).toHaveURL(new RegExp(`studio.*thread=${thread_id}`))
})
