import { expect, test } from 'vitest'
import { diffKeys, sameJson } from './diff-keys.ts'
import { jsonSize, summarise, treeRows } from './tree-rows.ts'

const marks = (value: unknown, before: unknown, choices = {}, only = false) => treeRows(value, before, choices, only).map(({ path, mark }) => [path, mark])

test('without a before nothing is marked and nothing opens by itself', () =>
  expect(treeRows({ a: { b: 1 }, c: 2 }, undefined, {})).toMatchObject([{ path: '/a', isContainer: true, isOpen: false, mark: null }, { path: '/c', depth: 0 }]))

test('changes open up and are marked down to where they are', () =>
  expect(marks({ list: [{ n: 1 }, { n: 3 }], same: { x: 1 }, fresh: true }, { list: [{ n: 1 }], same: { x: 1 }, gone: 1 })).toEqual([
    ['/list', 'changed'], ['/list/0', null], ['/list/1', 'added'], ['/list/1/n', 'added'], ['/same', null], ['/fresh', 'added'], ['/gone', 'removed'],
  ]))

test('what was added opens once, not all the way down', () =>
  expect(marks({ m: { a: { b: { c: 1 } } } }, {})).toEqual([['/m', 'added'], ['/m/a', 'added']]))

test('things with ids are compared id by id', () =>
  expect(marks({ m: [{ id: 'new', t: 0 }, { id: 'old', t: 1 }] }, { m: [{ id: 'old', t: 1 }] }, { '/m/0': false })).toEqual([['/m', 'changed'], ['/m/0', 'added'], ['/m/1', null]]))

test('only changes leaves the rest out', () => expect(marks({ a: 1, b: { c: 1, d: 2 } }, { a: 1, b: { c: 1, d: 3 } }, {}, true)).toEqual([['/b', 'changed'], ['/b/d', 'changed']]))

test('a person\'s choice wins', () => expect(marks({ a: { b: 1 } }, { a: { b: 2 } }, { '/a': false })).toEqual([['/a', 'changed']]))

test('equality does not mind the order of keys, and minds everything else', () => {
  expect(sameJson({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true)
  expect(sameJson([1], { 0: 1 })).toBe(false)
  expect(sameJson({ a: undefined }, { b: undefined })).toBe(false)
})

test('keys differ as added, removed, changed', () =>
  expect(diffKeys({ a: 1, b: 1, c: 1 }, { b: 2, c: 1, d: 1 }).map(({ key, kind }) => [key, kind])).toEqual([['b', 'changed'], ['c', 'same'], ['d', 'added'], ['a', 'removed']]))

test('containers are told in a few words', () => {
  expect([summarise([1]), summarise([1, 2]), summarise({}), summarise({ a: 1, b: 1, c: 1, d: 1, e: 1 })]).toEqual(['1 item', '2 items', '{ }', '{ a, b, c, d, … }'])
  expect([summarise({ type: 'human', content: 'Hi\nthere' }), summarise({ role: 'ai', content: '' }), summarise({ type: 'x', content: [] })]).toEqual(['human: Hi there', 'ai message', '{ type, content }'])
  expect(jsonSize({ a: 'é' })).toBe(9)
})
