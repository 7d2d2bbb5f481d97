/** What the window may do, decided apart from Electron. `studioOrigin` is the running server's, or for calls that of the page in the window. */

const originOf = (address: string): string | null => {
  const url = URL.parse(address)
  return url && /^https?:$/.test(url.protocol) ? url.origin : null
}

/** The page may move within the Studio; everything else is another site, or the API read as a page. */
export function isStudioPage(address: string, studioOrigin: string | null): boolean {
  return studioOrigin !== null && originOf(address) === studioOrigin && new URL(address).pathname.startsWith('/studio/')
}

/** A call counts only from the Studio's own top page: not from a frame within it, nor from a page shown before the server runs. */
export function isTrustedSender(frame: { url: string, isTop: boolean } | null, studioOrigin: string | null): boolean {
  return frame !== null && frame.isTop && isStudioPage(frame.url, studioOrigin)
}

/**
 * Links that the system browser may open. Graphs write what the Studio shows, so anything but plain https is refused:
 * other schemes start programs, and a name before the host is there to deceive.
 */
export function canOpenOutside(address: string): boolean {
  const url = URL.parse(address)
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '' && url.hostname !== ''
}

/** Copying to the clipboard is a button in the Studio; nothing else it does needs a permission. */
export function isPermissionAllowed(permission: string, address: string, studioOrigin: string | null): boolean {
  return permission === 'clipboard-sanitized-write' && isStudioPage(address, studioOrigin)
}
