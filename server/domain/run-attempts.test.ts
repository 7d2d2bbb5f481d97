import { expect, test } from 'vitest'
import { afterLostServer, afterLostWorker } from './run-attempts.ts'

const run = (attempt: number, cancel: 'interrupt' | 'rollback' | null = null, mostAttempts = 3) => ({ attempt, cancel, mostAttempts })

test.each([
  ['alone there: it pays, and goes on alone', run(1), 'own', false, { kind: 'again', refund: false, alone: true }],
  ['alone there for the third time', run(3), 'own', false, { kind: 'given-up' }],
  ['alone there, where one attempt is all', run(1, null, 1), 'own', false, { kind: 'given-up' }],
  ['with others: nobody pays, and each goes on alone', run(3), 'shared', false, { kind: 'again', refund: true, alone: true }],
  ['by no fault of theirs', run(3), 'none', false, { kind: 'again', refund: true, alone: false }],
  ['as the server stops', run(3), 'own', true, { kind: 'again', refund: true, alone: false }],
  ['while it was being cancelled', run(1, 'interrupt'), 'shared', false, { kind: 'interrupted', rollback: false }],
  ['while it was being rolled back', run(3, 'rollback'), 'own', true, { kind: 'interrupted', rollback: true }],
] as const)('a worker that dies %s', (_, row, blame, isShuttingDown, next) => expect(afterLostWorker(row, blame, isShuttingDown)).toEqual(next))

test.each([
  [run(1), { kind: 'again', refund: false, alone: false }],
  [run(2), { kind: 'again', refund: false, alone: false }],
  [run(3), { kind: 'given-up' }],
  [run(3, null, 4), { kind: 'again', refund: false, alone: false }],
  [run(3, 'interrupt'), { kind: 'interrupted', rollback: false }],
] as const)('a server that dies under attempt %o', (row, next) => expect(afterLostServer(row)).toEqual(next))
