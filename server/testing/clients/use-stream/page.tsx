import { useState } from 'react'
// The test bundles this page once per package that has the hook.
import { useStream } from '@langchain/langgraph-sdk/react'
import type { Message } from '@langchain/langgraph-sdk'
import { ChatView, inputOf, keepInAddress, opened, show } from './chat-view.tsx'

function Chat() {
  const [threadId, setThreadId] = useState(opened.thread)
  const choose = (id: string | null) => {
    setThreadId(id)
    keepInAddress(id)
  }
  const thread = useStream<{ messages: Message[] }>({
    apiUrl: opened.server, assistantId: opened.assistant, threadId, onThreadId: choose, messagesKey: 'messages', reconnectOnMount: true, fetchStateHistory: true,
  })
  return (
    <ChatView
      isLoading={thread.isLoading} threadId={threadId} error={thread.error} messages={thread.messages} question={thread.interrupt?.value} choose={choose}
      send={(text, pace_ms) => void thread.submit(inputOf(text) as { messages: Message[] }, { config: { configurable: { pace_ms } }, streamMode: ['values', 'messages-tuple'] })}
      answer={() => void thread.submit(undefined, { command: { resume: true } })} stop={() => void thread.stop()}
    />
  )
}

show(<Chat />)
