/** What the browser keeps for this page. Denied or full it keeps nothing, and the Studio works all the same. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A preference that is not kept is asked for again.
  }
}
