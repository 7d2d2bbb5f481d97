import { expect, test } from 'vitest'
import { fromHash, toHash } from './selection-hash.ts'
import { applySelection, EMPTY_SELECTION } from './selection-slice.ts'

test('an address brings everything back', () => {
  const selection = { view: 'studio', assistantId: 'a', threadId: 't', checkpointId: 'c', node: 'researcher:search' } as const
  expect(fromHash(toHash(selection))).toEqual(selection)
  expect(fromHash('')).toEqual(EMPTY_SELECTION)
  expect(fromHash('#/nowhere?thread=t&x=1')).toEqual({ ...EMPTY_SELECTION, threadId: 't' })
})

test('another thread starts at its head', () => {
  const at = { ...EMPTY_SELECTION, threadId: 't', checkpointId: 'c' }
  expect(applySelection(at, { threadId: 'u' })).toMatchObject({ threadId: 'u', checkpointId: null })
  expect(applySelection(at, { threadId: 't' })).toMatchObject({ checkpointId: 'c' })
  expect(applySelection(at, { threadId: 'u', checkpointId: 'd' })).toMatchObject({ checkpointId: 'd' })
})
