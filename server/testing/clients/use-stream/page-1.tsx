import { useState } from 'react'
import { useMessages, useStream, type AnyStream, type SubagentDiscoverySnapshot } from '@langchain/react'
import { ChatView, inputOf, keepInAddress, opened, show } from './chat-view.tsx'

/** What a subagent says, from a subscription of its own. */
function Subagent({ thread, subagent }: { thread: AnyStream, subagent: SubagentDiscoverySnapshot }) {
  const messages = useMessages(thread, subagent)
  return <section aria-label={`subagent ${subagent.name}`}>{subagent.status}: {messages.map(({ text }) => text).join(' / ')}</section>
}

/** The hook from version 1 on speaks protocol v2, and has another shape. */
function Chat() {
  const [threadId, setThreadId] = useState(opened.thread)
  const choose = (id: string | null) => {
    setThreadId(id)
    keepInAddress(id)
  }
  const thread = useStream({ apiUrl: opened.server, assistantId: opened.assistant, transport: opened.transport, threadId, onThreadId: choose })
  return (
    <ChatView
      isLoading={thread.isLoading} threadId={threadId} error={thread.error} messages={thread.messages.map(({ id, text }) => ({ id, content: text }))} question={thread.interrupt?.value} choose={choose}
      send={(text, pace_ms) => void thread.submit(inputOf(text), { config: { configurable: { pace_ms } } })}
      answer={() => void thread.respond(true)} stop={() => void thread.stop()}
    >
      <p aria-label="values">{JSON.stringify(thread.values)}</p>
      <p aria-label="tools">{thread.toolCalls.map(({ name, input, output, status }) => JSON.stringify({ name, input, output, status })).join('\n')}</p>
      <p aria-label="subgraphs">{[...thread.subgraphs.values()].map(({ nodeName, status }) => `${nodeName} ${status}`).join(', ')}</p>
      {[...thread.subagents.values()].map((subagent) => <Subagent key={subagent.id} thread={thread} subagent={subagent} />)}
    </ChatView>
  )
}

show(<Chat />)
