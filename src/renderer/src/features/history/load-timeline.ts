import type { Timeline, TimelineEntry } from '@contract/studio.ts'

type Entries = readonly TimelineEntry[]
/** Asks the server for a page. */
export type ReadTimeline = (page: { limit: number, before?: string, after?: string }) => Promise<Timeline>

/** What is known of a thread's timeline: `entries` from the newest one back without a gap, oldest first. */
export interface KnownTimeline { readonly entries: Entries, readonly hasOlder: boolean }

const FIRST_PAGE = 200
const PAGE = 500

/** Entries by id, the newer word wins; ids sort by time. */
export function mergeEntries(known: Entries, read: Entries): Entries {
  const byId = new Map([...known, ...read].map((entry) => [entry.checkpoint_id, entry]))
  return [...byId.values()].sort((a, b) => a.checkpoint_id < b.checkpoint_id ? -1 : 1)
}

/**
 * The newest part of a timeline: a first page where nothing is known yet, else what came since. Checkpoints that are gone (a
 * run rolled back) can't be told from what is new, but the numbers don't add up then: all is read again from the newest on.
 */
export async function readNewest(read: ReadTimeline, known: KnownTimeline): Promise<KnownTimeline> {
  const newest = known.entries.at(-1)
  if (!newest) return readFirst(read)
  const since = await readSince(read, newest.checkpoint_id)
  const entries = mergeEntries(known.entries, since.entries)
  const isSound = known.hasOlder ? entries.length <= since.total : entries.length === since.total
  return isSound ? { entries, hasOlder: known.hasOlder } : readFirst(read)
}

/** One page further back. */
export async function readOlder(read: ReadTimeline, { entries }: KnownTimeline): Promise<KnownTimeline> {
  const { checkpoints, older } = await read({ limit: PAGE, before: entries[0]!.checkpoint_id })
  return { entries: mergeEntries(checkpoints, entries), hasOlder: older }
}

async function readFirst(read: ReadTimeline): Promise<KnownTimeline> {
  const { checkpoints, older } = await read({ limit: FIRST_PAGE })
  return { entries: checkpoints, hasOlder: older }
}

async function readSince(read: ReadTimeline, after: string): Promise<{ entries: Entries, total: number }> {
  let page = await read({ limit: PAGE, after })
  let entries: Entries = page.checkpoints
  while (page.older) {
    const before = entries.find((entry) => entry.checkpoint_id > after)!.checkpoint_id
    page = await read({ limit: PAGE, after, before })
    entries = mergeEntries(page.checkpoints, entries)
  }
  return { entries, total: page.total }
}
