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

test('whatever the patterns, no key comes through a wildcard and nothing is made up', () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.array(fc.string()), (includes, excludes) => {
    const passed = configurableHeaders(HEADERS, { includes: includes.map((text) => `${text}*`), excludes })
    for (const [name, value] of Object.entries(passed)) expect(HEADERS[name as 'accept']).toBe(value)
    expect(Object.keys(passed).filter((name) => ['x-api-key', 'authorization', 'cookie'].includes(name))).toEqual([])
  }))
})
