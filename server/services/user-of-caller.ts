import type { Caller } from '../contract/callers.ts'
import type { Storage } from '../storage/storage.ts'
import { knownUser, type AuthUser } from './access.ts'

/** Whose a run is, or what ended with a webhook; null where that is nobody's, or gone. */
export function createUserOfCaller({ runs, webhooks }: Pick<Storage, 'runs' | 'webhooks'>) {
  const kwargsOf = ({ kind, id }: Caller): unknown => {
    if (kind === 'run') return runs.get(id)?.kwargs
    return kind === 'webhook' ? (JSON.parse(webhooks.payload(id) ?? '{}') as { kwargs?: unknown }).kwargs : null
  }
  return (caller: Caller): AuthUser | null => {
    const { config } = (kwargsOf(caller) ?? {}) as { config?: { configurable?: { langgraph_auth_user?: AuthUser } } }
    const user = config?.configurable?.langgraph_auth_user
    return user ? knownUser(user) : null
  }
}
