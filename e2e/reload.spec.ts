import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, nodeCard, test } from './start-studio.ts'

const GRAPH = (extra = '') => `
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
const State = Annotation.Root({ n: Annotation<number> })
export const graph = new StateGraph(State).addNode('one', ({ n }) => ({ n: n + 1 }))${extra}.addEdge(START, 'one').addEdge('one', ${extra ? "'two').addEdge('two', END" : 'END'}).compile()
`

const folder = mkdtempSync(join(tmpdir(), 'superstep-reload-'))
const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
write('langgraph.json', '{"graphs": {"good": "./good.ts:graph", "broken": "./broken.ts:graph"}}')
write('good.ts', GRAPH())
write('broken.ts', 'import { nothing } from "./missing.ts"\nexport const graph = nothing\n')

test.use({ config: join(folder, 'langgraph.json') })
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a broken graph is a card with file and line, changed code is taken over, a mistake keeps the last good code', async ({ studio }) => {
  const { page } = studio
  await studio.open()
  await studio.chooseGraph('broken')
  await expect(page.getByText("This graph can't be drawn")).toBeVisible()
  await expect(page.getByText(/broken\.ts:1/).first()).toBeVisible()
  await expect(page.getByRole('button', { name: '1 problem' })).toBeVisible()
  await expect(page.getByText('The newest code does not load')).toHaveCount(0)

  await studio.chooseGraph('good')
  await expect(nodeCard(page, 'one')).toBeVisible()
  write('good.ts', GRAPH(".addNode('two', ({ n }) => ({ n: n * 2 }))"))
  await expect(nodeCard(page, 'two')).toBeVisible({ timeout: 20_000 })
  write('good.ts', `${GRAPH()}\nexport const mistake = (\n`)
  await expect(page.getByText('The newest code does not load')).toBeVisible({ timeout: 20_000 })
  await expect(nodeCard(page, 'two')).toBeVisible()
  write('good.ts', GRAPH())
  await expect(page.getByText('The newest code does not load')).toHaveCount(0, { timeout: 20_000 })
  await expect(nodeCard(page, 'two')).toHaveCount(0)
})
