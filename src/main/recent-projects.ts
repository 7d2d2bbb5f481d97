import type { RecentProject } from '../preload/ipc-contract.ts'
import type { JsonFile } from './json-file.ts'

export const MOST_RECENTS = 10

export interface RecentProjects {
  /** Newest first. */
  list(): RecentProject[]
  add(project: { name: string, folder: string }): void
}

export function createRecentProjects(file: JsonFile, now: () => Date = () => new Date()): RecentProjects {
  let recents = read(file.read())
  return {
    list: () => [...recents],
    add({ name, folder }) {
      const others = recents.filter((recent) => recent.folder !== folder)
      recents = [{ name, folder, openedAt: now().toISOString() }, ...others].slice(0, MOST_RECENTS)
      file.write(recents)
    },
  }
}

const read = (stored: unknown): RecentProject[] => Array.isArray(stored) ? stored.filter(isRecent) : []

const isRecent = (item: Partial<RecentProject> | null): item is RecentProject =>
  typeof item?.name === 'string' && typeof item.folder === 'string' && typeof item.openedAt === 'string'
