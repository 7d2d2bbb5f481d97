import { expect, test } from 'vitest'
import { percentiles } from './percentiles.ts'

test.each([
  [[], null], [[5], { p50: 5, p95: 5, p99: 5 }], [[3, 1, 2], { p50: 2, p95: 3, p99: 3 }], [Array.from({ length: 100 }, (_, i) => 100 - i), { p50: 50, p95: 95, p99: 99 }],
])('%j', (values, expected) => expect(percentiles(values)).toEqual(expected))
