import { stat } from 'node:fs/promises'
import { watch } from 'chokidar'

/** Editors write in several steps; a build starts when they have been quiet for this long. */
const QUIET_MS = 80

export interface FileWatch {
  /** Watches exactly these files, whether they exist or not. A file changed after `since` (epoch ms) counts as changed. */
  set(files: readonly string[], since: number): void
  close(): Promise<void>
}

/** Calls back once after each burst of changes to the files that are watched. */
export function watchFiles(onChange: () => void): FileWatch {
  const watcher = watch([], { ignoreInitial: true })
  const watched = new Set<string>()
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  const changed = () => {
    if (isClosed) return
    if (timer) clearTimeout(timer)
    timer = setTimeout(onChange, QUIET_MS)
  }
  watcher.on('add', changed).on('change', changed).on('unlink', changed)
  watcher.on('error', () => {
    // A watch that fails (limits, permissions) costs the reload on save, nothing else.
  })

  return {
    set(files, since) {
      const wanted = new Set(files)
      for (const file of watched) {
        if (wanted.has(file)) continue
        watched.delete(file)
        watcher.unwatch(file)
      }
      const added = [...wanted].filter((file) => !watched.has(file))
      for (const file of added) watched.add(file)
      watcher.add(added)
      void anyChangedSince(added, since).then((isChanged) => isChanged && changed())
    },
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await watcher.close()
    },
  }
}

async function anyChangedSince(files: readonly string[], since: number): Promise<boolean> {
  const times = await Promise.all(files.map((file) => stat(file).then(({ mtimeMs }) => mtimeMs, () => 0)))
  return times.some((time) => time > since)
}
