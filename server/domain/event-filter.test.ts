import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInside } from './event-filter.ts'
import { describeUnknown, unknownInterrupts } from './strict-resume.ts'
import { selectFromState, stateSelection } from './state-selection.ts'

describe('the namespace filter of a stream', () => {
  test.each<[string, string[], boolean]>([
    ['values', ['researcher'], true],
    ['metadata', [], true],
    ['values|researcher:1', ['researcher'], true],
    ['values|researcher:1', ['researcher:1'], true],
    ['values|researcher:1', ['researcher:2'], false],
    ['values|researcher:1|tools:2', ['researcher'], true],
    ['values|researcher:1|tools:2', ['researcher|tools'], true],
    ['values|researcher:1|tools:2', ['tools'], false],
    ['values|researcher:1', ['researcher|tools'], false],
    ['values|researchers:1', ['researcher'], false],
    ['messages/partial|writer:1', ['researcher', 'writer'], true],
    ['values|writer:1', [''], true],
    ['values|writer:1', [], false],
  ])('%s in %j: %s', (event, namespaces, isKept) => expect(isInside(event, namespaces)).toBe(isKept))

  test('an event is inside each namespace it is below of, and in no sibling of these', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/)
    const path = fc.array(fc.tuple(name, fc.uuid()), { minLength: 1, maxLength: 5 })
    fc.assert(fc.property(path, fc.nat(4), fc.boolean(), (segments, at, withIds) => {
      const event = `updates|${segments.map(([node, id]) => `${node}:${id}`).join('|')}`
      const upTo = segments.slice(0, (at % segments.length) + 1)
      const wanted = upTo.map(([node, id]) => withIds ? `${node}:${id}` : node)
      expect(isInside(event, [wanted.join('|')])).toBe(true)
      expect(isInside(event, [[...wanted.slice(0, -1), `${upTo.at(-1)![0]}x`].join('|')])).toBe(false)
    }))
  })
})

describe('a strict resume', () => {
  const [open, other] = ['a'.repeat(32), 'b'.repeat(32)]
  const interrupts = { task: [{ id: open, value: 'Sure?' }] }
  const ask = (resume: unknown, strict_resume = true) => unknownInterrupts({ command: { resume }, strict_resume }, interrupts)
  test('names what is not open', () => {
    expect(ask({ [open]: 1, [other]: 2 })).toEqual([other])
    expect(describeUnknown([other], interrupts)).toBe(`No open interrupt has the id ${other}. Open: ${open}.`)
  })
  test.each([[{ [open]: 1 }], ['yes'], [null], [[other]], [{ approved: true }], [{}]])('lets %j through', (resume) => expect(ask(resume)).toEqual([]))
  test('asks nothing of a run that is not strict', () => expect(ask({ [other]: 1 }, false)).toEqual([]))
})

describe('a selection of a state', () => {
  test('keys are told from fields, and all values beat some', () => {
    expect(stateSelection([])).toBeNull()
    expect(stateSelection(['next', 'values.a', 'values.b.c'])).toEqual({ fields: new Set(['next', 'values']), keys: new Set(['a', 'b.c']) })
    expect(stateSelection(['values', 'values.a'])).toEqual({ fields: new Set(['values']), keys: null })
    expect(selectFromState({ values: { a: 1 }, next: [], tasks: [] } as never, stateSelection(['values.a']))).toEqual({ values: { a: 1 } })
  })
})
