import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'
import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth'

const MAY_DELETE = new Set(['ada'])

/** A name in the header is who one is; everything is its maker's. */
export const auth = new Auth()
  .authenticate((request: Request) => {
    const name = request.headers.get('authorization')
    if (!name) throw new HTTPException(401, { message: 'Who are you?' })
    return { identity: name, permissions: MAY_DELETE.has(name) ? ['write'] : [] }
  })
  .on('*', ({ value, user }) => {
    const owned = value as { metadata?: Record<string, unknown> }
    if ('metadata' in owned) owned.metadata = { ...owned.metadata, owner: user.identity }
    return { owner: user.identity }
  })
  .on('threads:create_run', ({ value, user }) => {
    const { metadata } = value as { metadata?: Record<string, unknown> }
    if (metadata?.['forbidden']) return false
    Object.assign(value, { metadata: { ...metadata, owner: user.identity } })
    return { owner: user.identity }
  })
  .on('threads:search', ({ user }) => ({ owner: user.identity }))
  .on('threads:delete', ({ user, permissions, value }) => 'thread_ids' in value || permissions.includes('write') || 'run_id' in value ? { owner: user.identity } : false)
  .on('store', ({ user, value }) => {
    const place = value as { namespace?: string[] }
    place.namespace = [user.identity, ...place.namespace ?? []]
  })

const State = Annotation.Root({ name: Annotation<string>, permissions: Annotation<string[]>, id: Annotation<string> })

/** Says who asked. */
export const whoami = new StateGraph(State)
  .addNode('look', (_state, { configurable }: LangGraphRunnableConfig) => {
    const user = configurable?.['langgraph_auth_user'] as { identity: string, permissions: string[] }
    return { name: user.identity, permissions: user.permissions, id: String(configurable?.['langgraph_auth_user_id']) }
  })
  .addEdge(START, 'look')
  .addEdge('look', END)
  .compile()
