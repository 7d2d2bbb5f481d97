import { expect, test } from 'vitest'
import { ProjectError } from './project-error.ts'
import { readUi } from './read-ui.ts'

const read = (ui: unknown, config?: unknown) => readUi(ui, config, '/p', '/p/langgraph.json')

test.each([[undefined, undefined], [null, null], [{}, {}], [{}, { shared: null }], [{}, { shared: [], other: 1 }]])('%j with %j is a project without components', (ui, config) =>
  expect(read(ui, config)).toEqual({ files: new Map(), shared: [] }))

test('files are beside langgraph.json, modules as the page knows them', () => {
  const ui = JSON.parse('{"agent": "./src/ui.tsx", "it\'s ü": "../shared/ui.tsx", "__proto__": "/abs/ui.tsx"}') as unknown
  expect(read(ui, { shared: ['zod', '@acme/frames', '@acme/frames/dark'] })).toEqual({
    files: new Map([['agent', '/p/src/ui.tsx'], ['it\'s ü', '/shared/ui.tsx'], ['__proto__', '/abs/ui.tsx']]), shared: ['zod', '@acme/frames', '@acme/frames/dark'],
  })
})

test.each([
  [['./ui.tsx'], undefined, 'ui'], ['./ui.tsx', undefined, 'ui'], [{ agent: 5 }, undefined, 'ui.agent'], [{ agent: ' ' }, undefined, 'ui.agent'], [{ agent: { path: './ui.tsx' } }, undefined, 'ui.agent'],
  [{ 'a/b': './ui.tsx' }, undefined, 'ui."a/b"'], [{ '..': './ui.tsx' }, undefined, 'ui.".."'], [{ '': './ui.tsx' }, undefined, 'ui.""'], [{ '\0': './ui.tsx' }, undefined, 'ui."\\u0000"'], [{ '\ud800': './ui.tsx' }, undefined, 'ui."\\ud800"'],
  [{ ['x'.repeat(256)]: './ui.tsx' }, undefined, 'ui."xxx'],
  [{}, [], 'ui_config'], [{}, { shared: 'zod' }, 'ui_config.shared'], [{}, { shared: [1] }, 'ui_config.shared'], [{}, { shared: ['./frames'] }, 'ui_config.shared'], [{}, { shared: [''] }, 'ui_config.shared'],
])('%j with %j is a mistake that names its key', (ui, config, key) => {
  expect(() => read(ui, config)).toThrow(ProjectError)
  expect(() => read(ui, config)).toThrow(`/p/langgraph.json → ${key}`)
})
