import type { AssistantVersion } from '@langchain/langgraph-sdk'
import { expect, test } from 'vitest'
import { draftOf } from './drafts.ts'
import { compareVersions, countOf, textOfDraft, textOfVersion } from './version-text.ts'

const version = (change: Partial<AssistantVersion> = {}): AssistantVersion => ({
  assistant_id: 'a', graph_id: 'g', name: 'Careful', version: 1, config: {}, context: { b: 1, a: { d: 1, c: 2 } }, metadata: {}, created_at: '', ...change,
})

test('empty parts are left out and keys stand in order', () =>
  expect(textOfVersion(version())).toBe('name: Careful\ncontext: {\n  "a": {\n    "c": 2,\n    "d": 1\n  },\n  "b": 1\n}'))

test('a version differs by what it says only', () => {
  expect(countOf(compareVersions(textOfVersion(version()), textOfVersion(version({ context: { a: { c: 2, d: 1 }, b: 1 } }))))).toBe('same')
  expect(countOf(compareVersions(textOfVersion(version()), textOfVersion(version({ name: 'Bold', description: 'x' }))))).toBe('+2 −1')
})

test('a part that is half typed stands as it is', () => expect(textOfDraft({ ...draftOf(version()), context: '{"a":' })).toBe('name: Careful\ncontext: {"a":'))
