import { readStored, writeStored } from './local-storage.ts'

/** What a model costs, for a million tokens, in whatever currency the person thinks in. `pattern` is a part of the model's name. */
export interface Price { readonly pattern: string, readonly input: number, readonly output: number }

const KEY = 'superstep:prices'

const isPrice = (value: unknown): value is Price => {
  const { pattern, input, output } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  return typeof pattern === 'string' && typeof input === 'number' && typeof output === 'number'
}

export function readPrices(): readonly Price[] {
  try {
    const kept: unknown = JSON.parse(readStored(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isPrice) : []
  } catch {
    return []
  }
}

export const writePrices = (prices: readonly Price[]): void => writeStored(KEY, JSON.stringify(prices))

interface Used { readonly model: string | null, readonly input_tokens: number | null, readonly output_tokens: number | null }

/** By the longest pattern that the model's name has in it. Null where none has, or nothing was counted. */
export function costOf({ model, input_tokens, output_tokens }: Used, prices: readonly Price[]): number | null {
  if (model === null || (input_tokens === null && output_tokens === null)) return null
  const name = model.toLowerCase()
  const [price] = prices.filter(({ pattern }) => pattern !== '' && name.includes(pattern.toLowerCase())).toSorted((a, b) => b.pattern.length - a.pattern.length)
  return price ? ((input_tokens ?? 0) * price.input + (output_tokens ?? 0) * price.output) / 1_000_000 : null
}

/** Small amounts keep two digits that say something. */
export const formatCost = (amount: number): string => amount === 0 ? '0' : amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(2)
