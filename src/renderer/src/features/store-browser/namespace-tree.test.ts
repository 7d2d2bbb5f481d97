import { expect, test } from 'vitest'
import { namespaceTree, pathKey, preview, readNamespace, visibleRows } from './namespace-tree.ts'

const TREE = namespaceTree([['users', 'u10'], ['users', 'u2', 'facts'], ['app'], ['users', 'u2']])

test('labels are told once, in order, with numbers as numbers', () =>
  expect(visibleRows(TREE, new Set()).map(({ node, depth }) => `${depth} ${node.path.join('/')}`)).toEqual(['0 app', '0 users', '1 users/u2', '2 users/u2/facts', '1 users/u10']))

test('closed ones hide what is under them', () =>
  expect(visibleRows(TREE, new Set([pathKey(['users', 'u2'])])).map(({ node, isOpen }) => [node.label, isOpen])).toEqual([['app', false], ['users', true], ['u2', false], ['u10', false]]))

test('a label with a slash of its own is not two labels', () => expect(namespaceTree([['a/b']])[0]).toMatchObject({ path: ['a/b'], children: [] }))

test.each([['users/ u1', ['users', 'u1']], ['a', ['a']]])('%s is a namespace', (text, labels) => expect(readNamespace(text)).toEqual({ labels, problem: null }))

test.each([['', /at least one/], ['a//b', /empty/], ['a.b', /dots/], ['langgraph/x', /kept/]])('“%s” is refused with a reason', (text, reason) => expect(readNamespace(text).problem).toMatch(reason))

test('long values are cut in lists', () => expect([preview({ a: 1 }), preview('x'.repeat(300)).length]).toEqual(['{"a":1}', 201]))
