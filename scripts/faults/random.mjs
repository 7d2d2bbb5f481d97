// All chance in a plan comes from here, so that a seed is a plan.

/** mulberry32: small, fast, good enough to choose with. `fork` gives an independent source for a part of the plan. */
export function createRandom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** A whole number from `low` to `high`, both included. */
  const whole = (low, high) => low + Math.floor(next() * (high - low + 1))
  const digits = (count) => Array.from({ length: count }, () => whole(0, 15).toString(16)).join('')
  return {
    whole, digits,
    chance: (probability) => next() < probability,
    pick: (list) => list[whole(0, list.length - 1)],
    /** `choices` is {value: weight}. */
    weighted: (choices) => {
      let rest = next() * Object.values(choices).reduce((sum, weight) => sum + weight, 0)
      for (const [value, weight] of Object.entries(choices)) if ((rest -= weight) < 0) return value
      return Object.keys(choices)[0]
    },
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`,
    fork: (salt) => createRandom(Math.imul(whole(0, 0x7fffffff) ^ salt, 0x9e3779b1)),
  }
}
