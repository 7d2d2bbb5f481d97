import { readStored, writeStored } from '../lib/local-storage.ts'

const KEY = (url: string) => `superstep:key:${url}`
const KNOWN = 'superstep:servers'

/** The desktop keeps keys in the system's keychain; a browser only as long as the tab lives. */
export async function saveKey(url: string, apiKey: string): Promise<'encrypted' | 'memory' | 'tab'> {
  if (window.superstep) return window.superstep.saveConnection({ url, apiKey })
  sessionStorage.setItem(KEY(url), apiKey)
  return 'tab'
}

export const loadKey = async (url: string): Promise<string | null> => window.superstep ? window.superstep.loadKey(url) : sessionStorage.getItem(KEY(url))

function known(): readonly string[] {
  try {
    const list: unknown = JSON.parse(readStored(KNOWN) ?? '[]')
    return Array.isArray(list) ? list.filter((url) => typeof url === 'string') : []
  } catch {
    return []
  }
}

/** Servers that a person chose here. A link that names another one is asked about: what is typed would go there. */
export const isKnownServer = (url: string): boolean => known().includes(url)
export const rememberServer = (url: string): void => writeStored(KNOWN, JSON.stringify([url, ...known().filter((other) => other !== url)].slice(0, 20)))
