import { expect, test } from 'vitest'
import { formatDue, readSchedule, zones } from './schedule.ts'

const JANUARY = Date.parse('2026-01-01T00:00:00Z')

test('a schedule is told in words, with the times that come next where it is', () => {
  const berlin = readSchedule('0 9 * * 1-5', 'Europe/Berlin', JANUARY)
  expect(berlin).toMatchObject({ words: 'At 09:00, Monday through Friday', times: expect.arrayContaining([Date.parse('2026-01-01T08:00:00Z')]) as number[] })
  expect('times' in berlin && berlin.times.map((time) => formatDue(time, 'Europe/Berlin'))).toEqual(['Thu 1 Jan, 09:00', 'Fri 2 Jan, 09:00', 'Mon 5 Jan, 09:00', 'Tue 6 Jan, 09:00', 'Wed 7 Jan, 09:00'])
  expect(readSchedule('@daily', null, JANUARY, 1)).toEqual({ words: 'Every day at midnight', times: [Date.parse('2026-01-02T00:00:00Z')] })
})

test.each(['', 'x', '* * * *', '* * * * * *', '61 * * * *', '0 0 30 2 *', '2026-01-01'])('%j is refused in words', (schedule) =>
  expect(readSchedule(schedule, null, JANUARY)).toEqual({ problem: expect.stringMatching(/\w/) as string }))

test('time zones are known by name', () => expect(zones()).toEqual(expect.arrayContaining(['UTC', 'Europe/Berlin'])))
