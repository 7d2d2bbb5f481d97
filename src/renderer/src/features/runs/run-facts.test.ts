import { expect, test } from 'vitest'
import { timesOf } from './run-facts.ts'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()

test.each([
  [{ created_at: at(0), due_at: null, started_at: at(2), ended_at: at(5) }, { queuedMs: 2000, ranMs: 3000 }],
  [{ created_at: at(0), due_at: null, started_at: at(2), ended_at: null }, { queuedMs: 2000, ranMs: 8000 }],
  [{ created_at: at(0), due_at: at(6), started_at: at(7), ended_at: at(8) }, { queuedMs: 1000, ranMs: 1000 }],
  [{ created_at: at(0), due_at: at(60), started_at: null, ended_at: null }, { queuedMs: 0, ranMs: null }],
  [{ created_at: at(0), due_at: null, started_at: null, ended_at: at(3) }, { queuedMs: 3000, ranMs: null }],
])('%j', (run, times) => expect(timesOf(run, 10_000)).toEqual(times))
