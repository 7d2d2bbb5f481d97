import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

/** What the page was opened with: the server, how to reach it, which graph, and the key of its input where that is no message. */
const query = new URLSearchParams(location.search)
export const opened = {
  server: query.get('server')!, transport: query.get('transport') === 'websocket' ? 'websocket' : 'sse', assistant: query.get('assistant') ?? 'chat', thread: query.get('thread'),
} as const

/** The thread is in the address, so that a reload comes back to it. */
export function keepInAddress(threadId: string | null): void {
  if (threadId) query.set('thread', threadId)
  else query.delete('thread')
  history.replaceState(null, '', `?${query.toString()}`)
}

/** An input for the graph that the page is about. */
export const inputOf = (text: string) => ({ [query.get('field') ?? 'messages']: query.has('field') ? text : [{ type: 'human', content: text }] })

export interface ChatViewProps {
  readonly isLoading: boolean
  readonly threadId: string | null
  readonly error: unknown
  readonly messages: readonly { readonly id?: string | undefined, readonly content: unknown }[]
  readonly question: unknown
  readonly send: (text: string, paceMs: number) => void
  readonly answer: () => void
  readonly stop: () => void
  readonly choose: (threadId: string | null) => void
  readonly children?: ReactNode
}

/** A chat as an application would draw it, whatever hook it takes its thread from. */
export function ChatView({ isLoading, threadId, error, messages, question, send, answer, stop, choose, children }: ChatViewProps) {
  return (
    <main>
      <p aria-label="status">{isLoading ? 'running' : 'idle'}</p>
      <p aria-label="thread">{threadId ?? ''}</p>
      <p aria-label="error">{error ? String(error) : ''}</p>
      <ol>{messages.map((message, index) => <li key={message.id ?? index}>{String(message.content)}</li>)}</ol>
      {question !== undefined && (
        <section aria-label="question">
          {JSON.stringify(question)}
          <button type="button" onClick={answer}>Yes</button>
        </section>
      )}
      {children}
      <form action={(form) => send(String(form.get('text')), Number(form.get('pace')))}>
        <input name="text" aria-label="text" />
        <input name="pace" aria-label="pace" defaultValue="0" />
        <button type="submit">Send</button>
      </form>
      <button type="button" onClick={stop}>Stop</button>
      <button type="button" onClick={() => choose(null)}>New thread</button>
      <form action={(form) => choose(String(form.get('id')))}>
        <input name="id" aria-label="id" />
        <button type="submit">Open</button>
      </form>
    </main>
  )
}

export const show = (page: ReactNode) => createRoot(document.body.appendChild(document.createElement('div'))).render(page)
