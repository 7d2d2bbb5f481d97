/** The values that 50, 95 and 99 of a hundred do not exceed (nearest rank). Null of none. */
export function percentiles(values: readonly number[]): { p50: number, p95: number, p99: number } | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
