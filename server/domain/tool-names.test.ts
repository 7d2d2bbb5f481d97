import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toolNames } from './tool-names.ts'

test('every assistant has a name of its own that a tool may have', () => {
  const assistant = fc.record({ assistant_id: fc.uuid(), name: fc.oneof(fc.constantFrom('agent', 'Agent!', 'agent?', '…', '', 'a'.repeat(70), `${'a'.repeat(70)}b`), fc.string({ unit: 'grapheme' })) })
  fc.assert(fc.property(fc.uniqueArray(assistant, { selector: ({ assistant_id }) => assistant_id.slice(-12) }), (assistants) => {
    const tools = toolNames(assistants)
    expect([...tools.values()]).toEqual(assistants)
    for (const name of tools.keys()) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  }))
})

test('the first of a name keeps it', () => {
  const names = [...toolNames([{ assistant_id: '11111111-1111-4111-8111-111111111111', name: 'My agent' }, { assistant_id: '22222222-2222-4222-8222-222222222222', name: 'My/agent' }]).keys()]
  expect(names).toEqual(['My_agent', 'My_agent_222222222222'])
})
