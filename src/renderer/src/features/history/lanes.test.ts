import type { TimelineEntry } from '@contract/studio.ts'
import { describe, expect, test } from 'vitest'
import { branchTo, marksOf, memoizeLast, shownEntry } from './branch.ts'
import { lanesOf, moveFrom, siblingsOf } from './lanes.ts'

const entry = (checkpoint_id: string, parent: string | null, change: Partial<TimelineEntry> = {}): TimelineEntry => ({
  checkpoint_id, checkpoint_ns: '', parent_checkpoint_id: parent, run_id: null, step: Number(checkpoint_id), source: 'loop', nodes: [`n${checkpoint_id}`], next: [], created_at: '', changed: [], bytes: 0, interrupts: 0, error: null, ...change,
})
/** 1 ─ 2 ─ 3 (failed)   and 2 ─ 4 ─ 5 (waits, newest)   and 4 ─ 4b. */
const ENTRIES = [entry('1', null), entry('2', '1'), entry('3', '2', { next: ['write'], error: 'no' }), entry('4', '2'), entry('45', '4'), entry('5', '4', { next: ['ask'], interrupts: 1 })]
const lanes = lanesOf(ENTRIES)

test('the trunk is the way to the newest checkpoint, others leave it', () => {
  expect(lanes.lanes.map((lane) => lane.dots.map((dot) => dot.entry.checkpoint_id))).toEqual([['1', '2', '4', '5'], ['45'], ['3']])
  expect(lanes.lanes.map((lane) => lane.from?.entry.checkpoint_id ?? null)).toEqual([null, '4', '2'])
  expect(lanes.dots.find((dot) => dot.entry.checkpoint_id === '45')).toMatchObject({ column: 3, lane: 1 })
  expect(lanes.columns).toBe(4)
})

test('each says how it ended', () => expect(lanes.lanes.map((lane) => lane.label)).toEqual(['main · waits at ask', 'branch 1 · ended with n45', 'branch 2 · failed at write']))

test('keys go along a branch and between them', () => {
  const dot = (id: string) => lanes.dots.find((candidate) => candidate.entry.checkpoint_id === id)!
  const go = (id: string, move: Parameters<typeof moveFrom>[2]) => moveFrom(lanes, dot(id), move)?.entry.checkpoint_id
  expect([go('5', 'left'), go('45', 'left'), go('3', 'left'), go('1', 'left')]).toEqual(['4', '4', '2', '1'])
  expect([go('4', 'right'), go('5', 'right'), go('5', 'down'), go('3', 'up'), go('5', 'first'), go('2', 'last')]).toEqual(['5', '5', '45', '45', '1', '5'])
  expect(moveFrom(lanes, null, 'left')?.entry.checkpoint_id).toBe('5')
  expect(moveFrom(lanesOf([]), null, 'left')).toBeNull()
})

test('a fork knows its siblings', () => expect(siblingsOf(ENTRIES, ENTRIES[3]!).map((sibling) => sibling.checkpoint_id)).toEqual(['3', '4']))

test('a circle in broken data ends', () => expect(lanesOf([entry('1', '2'), entry('2', '1')]).lanes).toEqual([]))

describe('a branch on the canvas', () => {
  test('marks what ran, what waits and what failed', () => {
    expect(marksOf(ENTRIES, null)).toEqual({ n1: { status: 'done', passes: 1 }, n2: { status: 'done', passes: 1 }, n4: { status: 'done', passes: 1 }, n5: { status: 'done', passes: 1 }, ask: { status: 'waiting', passes: 0 } })
    expect(marksOf(ENTRIES, '3')['write']).toEqual({ status: 'error', passes: 0 })
    expect(marksOf([entry('1', null, { next: ['a'] }), entry('2', '1')], '1')['a']).toEqual({ status: 'next', passes: 0 })
  })
  test('follows the newest unless another is asked for', () => {
    expect(shownEntry(ENTRIES, null)?.checkpoint_id).toBe('5')
    expect(shownEntry(ENTRIES, 'gone')).toBeNull()
    expect(branchTo(ENTRIES, ENTRIES[2]!).map((step) => step.checkpoint_id)).toEqual(['1', '2', '3'])
  })
  test('is worked out once while nothing changes', () => {
    const marks = memoizeLast(marksOf)
    expect(marks(ENTRIES, null)).toBe(marks(ENTRIES, null))
  })
})
