import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { type: 'major', execution: 'sync', flavor: 'last-resort' }) => void

let collect: Collect | null = null

/**
 * Gives back what starting up or a burst of work has left behind: V8 itself only does so under pressure, and an idle studio
 * should not hold twice the memory it needs. Stops the process for some tens of milliseconds, so only for moments of rest.
 */
export function trimMemory(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

export interface Rest { stir(): void }

/** Calls `trim` when nothing has been going on for `ms`; `stir` says that something is. Keeps no process alive. */
export function createRest(ms: number, isIdle: () => boolean, trim: () => void): Rest {
  let timer: NodeJS.Timeout | null = null
  const onQuiet = () => {
    timer = null
    if (isIdle()) trim()
  }
  return {
    stir: () => {
      if (timer) timer.refresh()
      else timer = setTimeout(onQuiet, ms).unref()
    },
  }
}
