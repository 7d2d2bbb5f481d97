import { useState } from 'react'
import { createRoot } from 'react-dom/client'
// The test bundles this page once per package that has the hook.
import { useStream } from '@langchain/langgraph-sdk/react'
import type { Message } from '@langchain/langgraph-sdk'

const query = new URLSearchParams(location.search)

/** A chat as an application would write it: the thread is in the address, so that a reload comes back to it. */
function Chat() {
  const [threadId, setThreadId] = useState(query.get('thread'))
  const choose = (id: string | null) => {
    setThreadId(id)
    history.replaceState(null, '', id ? `?server=${query.get('server')}&thread=${id}` : `?server=${query.get('server')}`)
  }
  const thread = useStream<{ messages: Message[] }>({
    apiUrl: query.get('server')!, assistantId: 'chat', threadId, onThreadId: choose, messagesKey: 'messages', reconnectOnMount: true, fetchStateHistory: true,
  })
  const send = (form: FormData) => {
    const config = { configurable: { pace_ms: Number(form.get('pace')) } }
    void thread.submit({ messages: [{ type: 'human', content: String(form.get('text')) }] }, { config, streamMode: ['values', 'messages-tuple'] })
  }
  return (
    <main>
      <p aria-label="status">{thread.isLoading ? 'running' : 'idle'}</p>
      <p aria-label="thread">{threadId ?? ''}</p>
      <p aria-label="error">{thread.error ? String(thread.error) : ''}</p>
      <ol>{thread.messages.map((message, index) => <li key={message.id ?? index}>{String(message.content)}</li>)}</ol>
      {thread.interrupt && (
        <section aria-label="question">
          {JSON.stringify(thread.interrupt.value)}
          <button type="button" onClick={() => void thread.submit(undefined, { command: { resume: true } })}>Yes</button>
        </section>
      )}
      <form action={send}>
        <input name="text" aria-label="text" />
        <input name="pace" aria-label="pace" defaultValue="0" />
        <button type="submit">Send</button>
      </form>
      <button type="button" onClick={() => void thread.stop()}>Stop</button>
      <button type="button" onClick={() => choose(null)}>New thread</button>
      <form action={(form) => choose(String(form.get('id')))}>
        <input name="id" aria-label="id" />
        <button type="submit">Open</button>
      </form>
    </main>
  )
}

createRoot(document.body.appendChild(document.createElement('div'))).render(<Chat />)
