import type { ServerState } from '../preload/ipc-contract.ts'
import { statusPage } from './status-page.ts'

/** What the window shows: the Studio of a server, or a page about the server's state. */
export interface View {
  readonly address: string
  /** The Studio's; null for a status page. */
  readonly origin: string | null
}

/**
 * Where the window goes when the server's state changes; null leaves it alone. A Studio that is open stays open while its
 * server restarts or even fails: it holds what a person has typed, and shows the state itself.
 */
export function nextView(shown: View, state: ServerState, project: string): View | null {
  if (state.status === 'stopped') return null
  if (state.status === 'running') return shown.origin === state.url ? null : { address: `${state.url}/studio/`, origin: state.url }
  if (state.status !== 'starting' && shown.origin !== null) return null
  return { address: statusPage(state, project), origin: null }
}
