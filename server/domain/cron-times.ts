import { Cron } from 'croner'
import { PlatformError } from '../errors.ts'

/** When a cron is due. Times are milliseconds since 1970; `end_time` is an ISO time. */
export interface CronTimes { readonly schedule: string, readonly timezone: string | null, readonly end_time: string | null, readonly enabled: boolean }

const MINUTE_MS = 60_000
const NAMES = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/i

/**
 * The first due time after `after`; null when there is none: disabled, over, or a day that no calendar has. Schedules are in
 * minutes (§1.5). Where clocks are put forward, what has one time of the day comes right after the gap, and what repeats skips
 * it; where they are put back the former comes once, the latter goes on. Throws `invalid_request` when the schedule or the time
 * zone can't be read.
 */
export function nextDue({ schedule, timezone, end_time, enabled }: CronTimes, after: number): number | null {
  const next = read(schedule, timezone).nextRun(new Date(after))?.getTime() ?? null
  return !enabled || next === null || (end_time !== null && next > Date.parse(end_time)) ? null : next
}

/** Throws `invalid_request` with the name of the field, also for a schedule that names no time at all. */
export function requireTimes({ schedule, timezone }: Pick<CronTimes, 'schedule' | 'timezone'>, now: number): void {
  if (nextDue({ schedule, timezone, end_time: null, enabled: true }, now) === null)
    throw new PlatformError('invalid_request', `body/schedule "${schedule}" names a time that never comes.`)
}

/** Whether the end came while a due time was waiting to be seen. In the minute that it is for it is late, later it was missed. */
export const isOver = ({ end_time }: Pick<CronTimes, 'end_time'>, due: number, now: number): boolean =>
  end_time !== null && now > Date.parse(end_time) && now - due >= MINUTE_MS

/** As it is kept: UTC, to the millisecond. Throws `invalid_request` when there is no such time. */
export function endTimeOf(text: string): string {
  const time = Date.parse(/(z|[+-]\d\d(:?\d\d)?)$/i.test(text) ? text : `${text}Z`)
  if (Number.isNaN(time)) throw new PlatformError('invalid_request', `body/end_time "${text}" is no time.`)
  return new Date(time).toISOString()
}

function read(schedule: string, timezone: string | null): Cron {
  requireZone(timezone)
  // What else the parser takes, like a date, is no schedule.
  if (schedule.trim().split(/\s+/).length !== 5 && !NAMES.test(schedule.trim()))
    throw new PlatformError('invalid_request', `body/schedule "${schedule}" must have five fields (minute, hour, day of the month, month, day of the week), or be a name like @daily.`)
  try {
    return new Cron(schedule.trim(), { mode: '5-part', timezone: timezone ?? 'UTC', sloppyRanges: true })
  } catch (error) {
    throw new PlatformError('invalid_request', `body/schedule "${schedule}" can't be read: ${(error as Error).message.replace(/^\w+: /, '')}`, { cause: error })
  }
}

/** `Intl` also takes offsets, which are no zones. */
function requireZone(timezone: string | null): void {
  if (timezone === null) return
  try {
    if (!/^[a-z]/i.test(timezone)) throw new RangeError('not a name')
    Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch (error) {
    throw new PlatformError('invalid_request', `body/timezone "${timezone}" is not an IANA time zone, like "Europe/Paris".`, { cause: error })
  }
}
