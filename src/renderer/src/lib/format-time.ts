const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3600], ['minute', 60]]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })

/** "now", "2 min. ago", "yesterday". `now` in milliseconds since 1970. */
export function formatAgo(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit)
  return 'now'
}

export const formatClock = (iso: string): string => new Date(iso).toLocaleTimeString('en-GB')

/** Milliseconds as a person reads them: 840 ms, 2.4 s, 3 min 12 s. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Today, Yesterday, or the date: how lists are grouped. */
export function dayLabel(iso: string, now: number): string {
  const day = (time: number) => new Date(time).toDateString()
  const time = new Date(iso).getTime()
  if (day(time) === day(now)) return 'Today'
  if (day(time) === day(now - 86_400_000)) return 'Yesterday'
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
}
