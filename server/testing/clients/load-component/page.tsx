import { StrictMode, type PropsWithChildren } from 'react'
import { createRoot } from 'react-dom/client'
import { useStream } from '@langchain/langgraph-sdk/react'
import { experimental_loadShare, isRemoveUIMessage, isUIMessage, LoadExternalComponent, uiMessageReducer } from '@langchain/langgraph-sdk/react-ui'

const query = new URLSearchParams(location.search)

experimental_loadShare('@acme/frames', {
  Frame: ({ children }: PropsWithChildren) => <section aria-label="frame">{children}</section>,
  heading: (text: string) => `The sky over ${text}`,
})

const shownIn = ({ ui }: Record<string, unknown>) => Array.isArray(ui) ? ui.filter(isUIMessage) : []

/** A chat that shows the components its graph sends, as they come and from the state. */
function Weather() {
  const thread = useStream({
    apiUrl: query.get('server')!, assistantId: 'forecast',
    onCustomEvent: (event, { mutate }) => {
      if (isUIMessage(event) || isRemoveUIMessage(event)) mutate((before) => ({ ...before, ui: uiMessageReducer(shownIn(before), event) }))
    },
  })
  return (
    <main>
      <p aria-label="status">{thread.isLoading ? 'running' : 'idle'}</p>
      {shownIn(thread.values).map((message) => <LoadExternalComponent key={message.id} stream={thread} message={message} meta="the page" fallback={<i>loading</i>} />)}
      <p className="city">outside</p>
      <form action={(form) => void thread.submit({ messages: [{ type: 'human', content: String(form.get('city')) }] }, { streamMode: ['values', 'custom'] })}>
        <input name="city" aria-label="city" />
        <button type="submit">Ask</button>
      </form>
    </main>
  )
}

createRoot(document.body.appendChild(document.createElement('div'))).render(<StrictMode><Weather /></StrictMode>)
