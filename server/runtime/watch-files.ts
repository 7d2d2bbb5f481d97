import { existsSync, statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Editors write in several steps; a build starts when they have been quiet for this long. */
const QUIET_MS = 80
/** Events of one moment are looked at together. */
const LOOK_MS = 20

export interface FileWatch {
  /** Watches exactly these files, whether they exist or not. A file changed after `since` (epoch ms) counts as changed. */
  set(files: readonly string[], since: number): void
  close(): void
}

const ABSENT = 'absent'

/**
 * Calls back once after each burst of changes to the files that are watched. It is their folders that are
 * watched: that holds from the moment `set` returns, and through files that are replaced, deleted or missing.
 */
export function watchFiles(onChange: () => void): FileWatch {
  const known = new Map<string, string>()
  let watchers: FSWatcher[] = []
  let lookTimer: NodeJS.Timeout | null = null
  let quietTimer: NodeJS.Timeout | null = null
  let isClosed = false

  const changed = () => {
    if (isClosed) return
    if (quietTimer) clearTimeout(quietTimer)
    quietTimer = setTimeout(onChange, QUIET_MS)
  }

  const look = () => {
    lookTimer = null
    for (const [file, before] of known) {
      const now = signatureOf(file)
      if (now === before) continue
      known.set(file, now)
      changed()
    }
  }

  const stopWatching = () => {
    for (const watcher of watchers) watcher.close()
    watchers = []
  }

  return {
    set(files, since) {
      if (isClosed) return
      stopWatching()
      const folders = new Set(files.map((file) => existingFolder(file)))
      watchers = [...folders].map((folder) => watchFolder(folder, () => { lookTimer ??= setTimeout(look, LOOK_MS) })).filter((watcher) => watcher !== null)
      known.clear()
      for (const file of files) known.set(file, signatureOf(file))
      if (files.some((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > since)) changed()
    },
    close() {
      isClosed = true
      stopWatching()
      if (lookTimer) clearTimeout(lookTimer)
      if (quietTimer) clearTimeout(quietTimer)
    },
  }
}

function watchFolder(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    return watch(folder, onEvent).on('error', onEvent)
  } catch {
    // A folder that can't be watched (limits, permissions) costs the reload on save, nothing else.
    return null
  }
}

/** Of a file in a folder that doesn't exist, the nearest one that does: the folder will appear there. */
function existingFolder(file: string): string {
  let folder = dirname(file)
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}

function signatureOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : ABSENT
}
