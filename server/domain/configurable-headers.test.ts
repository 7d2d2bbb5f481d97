import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configurableHeaders } from './configurable-headers.ts'

const HEADERS = { 'x-user': 'ada', 'x-api-key': 's', 'x-auth-scheme': 'langsmith', 'authorization': 'Bearer s', 'cookie': 'c', 'user-agent': 'ua', 'accept': '*/*', 'org-id': '7', 'x-many': ['a', 'b'] }
const names = (rules?: { includes?: string[], excludes?: string[] }) => Object.keys(configurableHeaders(HEADERS, rules && { includes: [], excludes: [], ...rules })).sort()

test('x-* without keys, and the user agent, reach the graph', () => expect(names()).toEqual(['user-agent', 'x-user']))
test('included ones do so beside them', () => expect(names({ includes: ['Org-*'] })).toEqual(['org-id', 'user-agent', 'x-user']))
test('excluded ones never do, not even those that are included', () => expect(names({ includes: ['org-id', 'x-user'], excludes: ['x-*', 'org-id'] })).toEqual(['user-agent']))
test('keys do only where they are named in full', () => {
  expect(names({ includes: ['*'] })).toEqual(['accept', 'org-id', 'user-agent', 'x-user'])
  expect(names({ includes: ['authorization', 'X-API-Key'] })).toEqual(['authorization', 'user-agent', 'x-api-key', 'x-user'])
})
test('a dot or a bracket in a pattern is itself', () => expect(names({ includes: ['org.id', '[a-z]*', 'accept|org-id'] })).toEqual(['user-agent', 'x-user']))

test('so does the caller\'s trace, unless it is excluded', () => {
  const headers = { 'langsmith-trace': 'parent', 'baggage': 'langsmith-project=a%20b, langsmith-tags=x,vendor=1,langsmith-address=y' }
  expect(configurableHeaders(headers)).toEqual({ 'langsmith-trace': 'parent', 'langsmith-project': 'a b', 'langsmith-tags': ['x'] })
  expect(configurableHeaders(headers, { includes: [], excludes: ['langsmith-*'] })).toEqual({})
  expect(configurableHeaders(headers, { includes: ['langsmith-*'], excludes: ['Baggage'] })).toEqual({ 'langsmith-trace': 'parent' })
})

test('whatever the baggage, it is read without failing and says nothing but of the trace', () => {
  const item = fc.tuple(fc.constantFrom('langsmith-project', 'langsmith-tags', 'langsmith-metadata', 'langsmith-replicas', '__proto__', 'toString'), fc.oneof(fc.string(), fc.json(), fc.json().map(encodeURIComponent)))
  fc.assert(fc.property(fc.oneof(fc.string(), fc.array(item).map((items) => items.map((pair) => pair.join('=')).join(','))), (baggage) => {
    const { 'langsmith-project': project, 'langsmith-tags': tags, 'langsmith-metadata': metadata, ...rest } = configurableHeaders({ baggage })
    expect([rest, typeof (project ?? ''), Array.isArray(tags ?? []), Array.isArray(metadata), typeof (metadata ?? {})]).toEqual([{}, 'string', true, false, 'object'])
  }))
})

test('whatever the patterns, no key comes through a wildcard and nothing is made up', () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (includes, excludes) => {
    const passed = configurableHeaders(HEADERS, { includes: includes.map((text) => `${text}*`), excludes })
    for (const [name, value] of Object.entries(passed)) expect(HEADERS[name as 'accept']).toBe(value)
    expect(Object.keys(passed).filter((name) => ['x-api-key', 'authorization', 'cookie'].includes(name))).toEqual([])
  }))
})
