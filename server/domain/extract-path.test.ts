import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extractPath, parsePath } from './extract-path.ts'

const THREAD = { values: { messages: [{ content: 'first' }, { content: 'last' }], a: { 'b c': 1 } }, metadata: { owner: 'ada', list: [[1, 2], [3]] }, config: {}, interrupts: {} }
const read = (path: string) => extractPath(THREAD, parsePath(path)!)

describe('a path into a thread', () => {
  test.each([
    ['values.messages[0].content', 'first'],
    ['values.messages[-1].content', 'last'],
    ['values.messages[-2].content', 'first'],
    ['values.messages[2].content', null],
    ['values.messages[-3]', null],
    ['values.messages.content', null],
    ['values.a.b c', 1],
    ['metadata.list[0][1]', 2],
    ['metadata.owner', 'ada'],
    ['metadata.owner.length', null],
    ['metadata.constructor', null],
    ['metadata.__proto__', null],
    ['config.nothing.at.all', null],
  ])('%s gives %j', (path, found) => expect(read(path)).toEqual(found))

  test.each(['', 'values', 'values.', 'status.x', 'values..a', 'values.a[', 'values.a[x]', 'values.a[1', 'values[', 'xvalues.a', 'values.a]', 'values.a.b\u0000'])('%j is no path', (path) =>
    expect(parsePath(path)).toBeNull())

  test('says what plain access says, for any nesting of objects and lists', () => {
    const key = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[.[\]\0]/.test(text) && text !== '__proto__')
    const step = fc.oneof(key, fc.integer({ min: -3, max: 3 }))
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), fc.jsonValue(), (steps, leaf) => {
      const value = steps.reduceRight<unknown>((inner, one) => typeof one === 'string' ? { [one]: inner } : one >= 0 ? [...Array<null>(one).fill(null), inner] : [inner, ...Array<null>(-one - 1).fill(null)], leaf)
      const path = `values${steps.map((one) => typeof one === 'string' ? `.${one}` : `[${one}]`).join('')}`
      expect(extractPath({ values: value }, parsePath(path)!)).toEqual(leaf)
    }))
  })

  test('any text is a path or none, and reading it never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `values.${text}`)), fc.jsonValue(), (text, value) => {
      const path = parsePath(text)
      if (path) extractPath({ values: value }, path)
    }))
  })
})
