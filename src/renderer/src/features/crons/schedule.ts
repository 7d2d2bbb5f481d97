import { Cron } from 'croner'
import { toString } from 'cronstrue'

export type Reading = { readonly words: string, /** The next ones, in milliseconds since 1970. */ readonly times: readonly number[] } | { readonly problem: string }

const FIELDS = /^\S+(\s+\S+){4}$/
const NAMES = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/i

/** What a schedule of five fields means, and when it comes next. A null `timezone` is UTC, as servers have it. */
export function readSchedule(schedule: string, timezone: string | null, after: number, count = 5): Reading {
  const text = schedule.trim()
  if (text === '') return { problem: 'Five fields: minute, hour, day of the month, month, day of the week.' }
  if (!FIELDS.test(text) && !NAMES.test(text)) return { problem: 'A schedule has five fields: minute, hour, day of the month, month, day of the week.' }
  try {
    const cron = new Cron(text, { timezone: timezone ?? 'UTC', paused: true })
    const times = cron.nextRuns(count, new Date(after)).map((time) => time.getTime())
    return times.length ? { words: wordsOf(text), times } : { problem: 'This is a time that never comes.' }
  } catch (error) {
    return { problem: (error as Error).message.replace(/^CronPattern: /, '') }
  }
}

function wordsOf(schedule: string): string {
  const nickname = NAMES.exec(schedule)?.[1]
  return nickname ? { hourly: 'Every hour', daily: 'Every day at midnight', midnight: 'Every day at midnight', weekly: 'Every week, on Sunday', monthly: 'On the first of every month', yearly: 'On the first of January', annually: 'On the first of January' }[nickname.toLowerCase()]! : toString(schedule, { use24HourTimeFormat: true, verbose: false })
}

export const zones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** `Mon 4 Jan, 09:00` where the schedule is. */
export const formatDue = (time: number, timezone: string | null): string =>
  new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: timezone ?? 'UTC' }).format(time)
