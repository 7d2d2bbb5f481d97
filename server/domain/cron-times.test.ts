import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlatformError } from '../errors.ts'
import { endTimeOf, isOver, nextDue, requireTimes } from './cron-times.ts'

const MINUTE_MS = 60_000
const at = (text: string) => Date.parse(text)
const shown = (time: number | null) => time === null ? null : new Date(time).toISOString()
const next = (schedule: string, timezone: string | null, after: string) => shown(nextDue({ schedule, timezone, end_time: null, enabled: true }, at(after)))

/** The first `count` due times after one. */
function times(schedule: string, timezone: string, after: string, count: number): (string | null)[] {
  const found: (string | null)[] = []
  for (let from = after; found.length < count; from = found.at(-1)!) found.push(next(schedule, timezone, from))
  return found
}

describe('the next due time', () => {
  test.each([
    ['*/5 * * * *', null, '2026-01-01T00:00:00.000Z', '2026-01-01T00:05:00.000Z'],
    ['*/5 * * * *', null, '2026-01-01T00:04:59.999Z', '2026-01-01T00:05:00.000Z'],
    ['0 9 * * MON-FRI', null, '2026-01-02T09:00:00Z', '2026-01-05T09:00:00.000Z'],
    ['0 0 * * 7', null, '2026-01-01T00:00:00Z', '2026-01-04T00:00:00.000Z'],
    // Either day will do, when both are named.
    ['0 0 13 * FRI', null, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 0 29 2 *', null, '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['5/20 * * * *', null, '2026-01-01T00:05:00Z', '2026-01-01T00:25:00.000Z'],
    ['@daily', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T18:30:00.000Z'],
    ['  0  9 * * * ', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T07:00:00.000Z'],
  ])('of %j in %s after %s is %s', (schedule, timezone, after, expected) => expect(next(schedule, timezone, after)).toBe(expected))

  test('keeps to the time of the day while clocks are put forward and back', () => {
    expect(times('0 9 * * *', 'America/New_York', '2026-03-07T00:00:00Z', 3)).toEqual(['2026-03-07T14:00:00.000Z', '2026-03-08T13:00:00.000Z', '2026-03-09T13:00:00.000Z'])
    expect(times('0 9 * * *', 'America/New_York', '2026-10-31T00:00:00Z', 3)).toEqual(['2026-10-31T13:00:00.000Z', '2026-11-01T14:00:00.000Z', '2026-11-02T14:00:00.000Z'])
  })

  test('that falls into the hour that is left out comes after it, once', () =>
    expect(times('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:30:00.000Z']))

  test('that falls into the hour that comes twice comes once, and every quarter of an hour goes on', () => {
    expect(times('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual(['2026-11-01T05:30:00.000Z', '2026-11-02T06:30:00.000Z'])
    expect(times('*/15 * * * *', 'America/New_York', '2026-11-01T05:30:00Z', 4)).toEqual(['2026-11-01T05:45:00.000Z', '2026-11-01T06:00:00.000Z', '2026-11-01T06:15:00.000Z', '2026-11-01T06:30:00.000Z'])
  })

  test('may be the end itself, and none comes after it or while it is disabled', () => {
    const hourly = { schedule: '0 * * * *', timezone: null, end_time: '2026-01-01T02:00:00.000Z', enabled: true }
    expect(shown(nextDue(hourly, at('2026-01-01T01:00:00Z')))).toBe('2026-01-01T02:00:00.000Z')
    expect(nextDue(hourly, at('2026-01-01T02:00:00Z'))).toBeNull()
    expect(nextDue({ ...hourly, enabled: false }, at('2026-01-01T01:00:00Z'))).toBeNull()
  })

  const field = (most: number, least = 0) => fc.oneof(
    fc.constant('*'), fc.integer({ min: least, max: most }).map(String), fc.integer({ min: 1, max: most }).map((n) => `*/${n}`),
    fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.array(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')))
  const schedules = fc.tuple(field(59), field(23), field(31, 1), field(12, 1), field(6)).map((fields) => fields.join(' '))
  const zones = fc.constantFrom('UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'America/Sao_Paulo', 'Africa/Casablanca', 'Antarctica/Troll')

  test('is later, a whole minute, and the same from any moment before it', () => {
    const moments = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2045-01-01T00:00:00Z') })
    fc.assert(fc.property(schedules, zones, moments, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, timezone, after, part) => {
      const cron = { schedule, timezone, end_time: null, enabled: true }
      const due = nextDue(cron, after)
      if (due === null) return
      expect(due).toBeGreaterThan(after)
      expect(due % MINUTE_MS).toBe(0)
      expect(nextDue(cron, Math.floor(after + (due - 1 - after) * part))).toBe(due)
    }), { numRuns: 500 })
  })
})

describe('what can\'t be read', () => {
  test.each(['', ' ', 'soon', '* * * *', '* * * * * *', '2030-01-01T00:00:00', '@reboot', '61 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '*/0 * * * *', '5-1 * * * *', '0 0 30 2 *', '\u0000 * * * *'])('schedule %j is refused by its name', (schedule) =>
    expect(() => requireTimes({ schedule, timezone: null }, at('2026-01-01T00:00:00Z'))).toThrow(/^body\/schedule /))

  test.each(['Mars/Olympus', '', '+02:00', '../UTC', 'Europe/Berlin\u0000'])('time zone %j is refused by its name', (timezone) =>
    expect(() => requireTimes({ schedule: '* * * * *', timezone }, 0)).toThrow(/^body\/timezone /))

  test('is refused or has a next time, whatever it is', () => {
    const texts = fc.oneof(fc.string(), fc.array(fc.stringMatching(/^[0-9*,/#?LWa-zA-Z-]{0,8}$/), { minLength: 5, maxLength: 5 }).map((fields) => fields.join(' ')))
    fc.assert(fc.property(texts, fc.option(fc.oneof(fc.string(), fc.constantFrom('UTC', 'Europe/Berlin'))), (schedule, timezone) => {
      try {
        requireTimes({ schedule, timezone }, at('2026-01-01T00:00:00Z'))
        expect(nextDue({ schedule, timezone, end_time: null, enabled: true }, at('2026-01-01T00:00:00Z'))).toBeGreaterThan(at('2026-01-01T00:00:00Z'))
      } catch (error) {
        expect(error).toBeInstanceOf(PlatformError)
        expect((error as PlatformError).message).toMatch(/^body\/(schedule|timezone) /)
      }
    }), { numRuns: 2000 })
  })
})

test.each([
  ['2026-05-01T12:00:00Z', '2026-05-01T12:00:00.000Z'],
  ['2026-05-01T12:00:00.123456+02:00', '2026-05-01T10:00:00.123Z'],
  ['2026-05-01T12:00:00', '2026-05-01T12:00:00.000Z'],
  ['2026-05-01T12:00:00+0200', '2026-05-01T10:00:00.000Z'],
])('end time %s is %s', (given, kept) => expect(endTimeOf(given)).toBe(kept))
test('an end in a leap second is refused', () => expect(() => endTimeOf('2026-12-31T23:59:60Z')).toThrow(/^body\/end_time /))

test.each([
  ['2026-01-01T12:00:00Z', false],
  ['2026-01-01T12:00:59.999Z', false],
  ['2026-01-01T12:01:00Z', true],
])('a due time at the very end, seen at %s, is over: %s', (now, over) => expect(isOver({ end_time: '2026-01-01T12:00:00.000Z' }, at('2026-01-01T12:00:00Z'), at(now))).toBe(over))
