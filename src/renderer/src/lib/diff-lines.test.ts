import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countChanges, diffLines, hunksOf } from './diff-lines.ts'

const SIGNS = { same: ' ', added: '+', removed: '-' } as const
const drawn = (before: string, after: string) => diffLines(before, after).map(({ kind, text }) => `${SIGNS[kind]}${text}`)

test('a changed line goes and comes', () => expect(drawn('{\n  "tone": "strict"\n}', '{\n  "tone": "severe"\n}')).toEqual([' {', '-  "tone": "strict"', '+  "tone": "severe"', ' }']))

test('the same text has no changes', () => expect(countChanges(diffLines('a\nb', 'a\nb'))).toEqual({ added: 0, removed: 0 }))

test('a line put between others is the only change', () => expect(drawn('a\nb\na', 'a\nx\nb\na')).toEqual([' a', '+x', ' b', ' a']))

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n'))

test('both texts can be read back from the difference', () => fc.assert(fc.property(text, text, (before, after) => {
  const lines = diffLines(before, after)
  const side = (gone: 'added' | 'removed') => lines.filter(({ kind }) => kind !== gone).map((line) => line.text).join('\n')
  expect([side('added'), side('removed')]).toEqual([before, after])
})))

test('texts too long for the table differ as a whole', () => {
  const many = (name: string) => Array.from({ length: 3000 }, (_, i) => `${name}${i}`).join('\n')
  expect(countChanges(diffLines(many('a'), many('b')))).toEqual({ added: 3000, removed: 3000 })
})

test('only what is around a change is shown', () => {
  const lines = diffLines('1\n2\n3\n4\n5\n6\n7\n8\n9', '1\n2\n3\n4\nx\n6\n7\n8\n9')
  expect(hunksOf(lines, 1)).toEqual([{ skipped: 3, lines: [{ kind: 'same', text: '4' }, { kind: 'removed', text: '5' }, { kind: 'added', text: 'x' }, { kind: 'same', text: '6' }] }])
  expect(hunksOf(diffLines('a', 'a'))).toEqual([])
})
