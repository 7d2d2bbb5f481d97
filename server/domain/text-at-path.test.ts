import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { textsAt } from './text-at-path.ts'

const VALUE = { title: 'T', n: 5, yes: false, none: null, blank: ' ', meta: { author: { name: 'Ada' } }, tags: ['x', 'y'], chapters: [{ text: 'one' }, { text: 'two', notes: ['n'] }, 3] }

describe('texts at a path', () => {
  test.each([
    ['$', [JSON.stringify(VALUE, null, 2)]],
    ['title', ['T']], ['$.title', ['T']], ['n', ['5']], ['yes', ['false']], ['none', []], ['blank', []], ['missing', []],
    ['meta.author.name', ['Ada']], ['meta.author', [JSON.stringify({ name: 'Ada' }, null, 2)]],
    ['tags', [JSON.stringify(['x', 'y'], null, 2)]], ['tags[*]', ['x', 'y']], ['tags[0]', ['x']], ['tags[-1]', ['y']], ['tags[7]', []], ['tags[a]', []], ['title[0]', []],
    ['chapters[*].text', ['one', 'two']], ['chapters[1].notes[0]', ['n']], ['chapters[*].notes[*]', ['n']],
    ['meta.*.name', ['Ada']], ['{title,meta.author.name,missing}', ['T', 'Ada']], ['chapters[0].{text}', ['one']],
    ['toString', []], ['__proto__', []], ['constructor.name', []], ['tags.length', ['2']],
  ])('%s', (path, texts) => expect(textsAt(VALUE, [path])).toEqual(texts))

  test('several paths give their texts one after another', () => expect(textsAt(VALUE, ['title', 'tags[*]'])).toEqual(['T', 'x', 'y']))

  test('whatever path is asked for, nothing is thrown and no text is blank', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '{', '}', '*', '0', '-', '$', ',', '"') }), (value, path) => {
      for (const text of textsAt(value as Record<string, unknown>, [path])) expect(text.trim()).not.toBe('')
    }))
  })
})
