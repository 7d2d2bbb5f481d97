import { expect, test } from 'vitest'
import { costOf, formatCost } from './prices.ts'

const PRICES = [{ pattern: 'small', input: 1, output: 2 }, { pattern: 'very-small', input: 0.5, output: 1 }, { pattern: '', input: 9, output: 9 }]
const used = (model: string | null, input_tokens: number | null = 1_000_000, output_tokens: number | null = 500_000) => ({ model, input_tokens, output_tokens })

test.each([[used('A-SMALL-1'), 2], [used('a-very-small-1'), 1], [used('large'), null], [used(null), null], [used('small', null, null), null], [used('small', null, 1_000_000), 2]])('%j costs %j', (what, cost) => expect(costOf(what, PRICES)).toBe(cost))
test.each([[0, '0'], [1.234, '1.23'], [0.000123, '0.00012']])('%d is %s', (amount, text) => expect(formatCost(amount)).toBe(text))
