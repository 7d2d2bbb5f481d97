const sorted = (numbers) => [...numbers].sort((a, b) => a - b)

/** The smallest number that at least this share of all numbers does not exceed. */
export function percentile(numbers, share) {
  const all = sorted(numbers)
  return all.length === 0 ? NaN : all[Math.max(0, Math.ceil(all.length * share) - 1)]
}

export function median(numbers) {
  const all = sorted(numbers)
  const middle = all.length >> 1
  return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)
export const mean = (numbers) => sum(numbers) / numbers.length

/** How much of the variance of `y` a straight line over `x` explains: 1 is a line. */
export function linearity(x, y) {
  const [mx, my] = [mean(x), mean(y)]
  const xy = sum(x.map((value, at) => (value - mx) * (y[at] - my)))
  const [xx, yy] = [sum(x.map((value) => (value - mx) ** 2)), sum(y.map((value) => (value - my) ** 2))]
  return xy ** 2 / (xx * yy)
}
