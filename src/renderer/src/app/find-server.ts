import { normaliseUrl, type ConnectionTarget } from '../api/connection-target.ts'
import { isKnownServer, loadKey } from '../api/key-ring.ts'

export interface FoundServer {
  readonly target: ConnectionTarget
  /** A link names this server, and nobody has chosen it here before: ask first. */
  readonly proposed: string | null
}

/** The desktop says where its server is; an address may name one (`?server=`); else it is the one this page came from. */
export async function findServer(): Promise<FoundServer> {
  const named = normaliseUrl(new URLSearchParams(location.search).get('server') ?? '')
  const isForeign = named !== null && named !== location.origin
  if (isForeign && isKnownServer(named)) return { target: { url: named, apiKey: await loadKey(named), headers: {} }, proposed: null }
  const own = await window.superstep?.connection()
  const target = own ? { url: own.url, apiKey: own.token, headers: {} } : { url: location.origin, apiKey: null, headers: {} }
  return { target, proposed: isForeign ? named : null }
}
