import { randomBytes } from 'node:crypto'

/**
 * A new id that begins with the time (RFC 9562, version 7): ids of one moment are neighbours in every index, so writing many
 * touches few pages. With random ids most of a run's writing was copying pages that held one new entry each.
 */
export function uuid7(now: number): string {
  const time = Math.max(0, now).toString(16).padStart(12, '0').slice(-12)
  const random = randomBytes(10)
  random[0] = (random[0]! & 0x0f) | 0x70
  random[2] = (random[2]! & 0x3f) | 0x80
  const hex = random.toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 20)}`
}
