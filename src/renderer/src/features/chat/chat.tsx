import { MessagesSquare } from 'lucide-react'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { Select } from '../../ui/field.tsx'
import { EmptyState, LoadingState } from '../../ui/pane-state.tsx'
import { useFollowEnd } from '../../ui/use-follow-end.ts'
import { InterruptCard } from '../interrupts/index.ts'
import { useReadiness } from '../run/index.ts'
import { ChatMessage } from './chat-message.tsx'
import styles from './chat.module.css'
import { Composer } from './composer.tsx'
import { useConversation, type Conversation } from './use-conversation.ts'

/** The thread as a conversation: any list of messages in its state. */
export function Chat() {
  const chat = useConversation()
  const readiness = useReadiness()
  const graphStatus = useStudio((state) => state.graph.status)
  const phase = useStudio((state) => state.run.phase)
  const { select, cancelRun } = useStudioActions()
  if (chat.key === null) {
    if (graphStatus !== 'ready' && graphStatus !== 'failed') return <div className={styles['chat']}><LoadingState label="Reading the graph" /></div>
    return (
      <div className={styles['chat']}>
        <EmptyState icon={<MessagesSquare aria-hidden />} title="This graph has no conversation" action={<Button onClick={() => select({ view: 'studio' })}>Go to the graph</Button>}>
          Neither its state nor its schemas have a list of messages. Run it in the graph's view: a list that appears in the state is shown here.
        </EmptyState>
      </div>
    )
  }
  const blocked = readiness === 'questions' ? 'Answer what is asked above first' : null
  return (
    <div className={styles['chat']}>
      <Head chat={chat} />
      <Flow chat={chat} isBusy={readiness === 'busy'} />
      <Composer isBusy={readiness === 'busy'} blocked={blocked} onSend={chat.say} onStop={() => { if (phase === 'running') void cancelRun() }} />
    </div>
  )
}

function Head({ chat: { keys, key, alsoNeeded, chooseKey } }: { chat: Conversation }) {
  const title = useStudio((state) => state.threads.items.find((thread) => thread.thread_id === state.selection.threadId)?.title)
  const isBack = useStudio((state) => state.selection.checkpointId !== null)
  const { select } = useStudioActions()
  return (
    <div className={styles['head']}>
      <h2 className={styles['title']} title={title ?? undefined}>{title ?? 'New conversation'}</h2>
      {alsoNeeded.length > 0 && <span className={styles['note']}>The graph also asks for {alsoNeeded.join(', ')}: give it in the graph's view.</span>}
      <span className={styles['grow']} />
      {isBack && <Button small onClick={() => select({ checkpointId: null })}>Back to the newest</Button>}
      {keys.length > 1 && <Select aria-label="Which list is the conversation" className={styles['key']} value={key ?? ''} onChange={(event) => chooseKey(event.target.value)}>{keys.map((name) => <option key={name}>{name}</option>)}</Select>}
    </div>
  )
}

function Flow({ chat, isBusy }: { chat: Conversation, isBusy: boolean }) {
  const failure = useStudio((state) => state.runView.failure)
  const error = useStudio((state) => state.run.error)
  const isHead = useStudio((state) => state.selection.checkpointId === null)
  const { box, onScroll } = useFollowEnd(chat.messages)
  const isThinking = isBusy && !chat.messages.some(({ isStreaming }) => isStreaming)
  return (
    <div ref={box} className={styles['flow']} onScroll={onScroll} role="log" aria-label="Conversation" tabIndex={0}>
      <div className={styles['column']}>
        {chat.messages.length === 0 && !isBusy && <EmptyState icon={<MessagesSquare aria-hidden />} title="Nothing said yet">What you say below starts a run of the graph.</EmptyState>}
        {chat.messages.map((message) => <ChatMessage key={message.id} message={message} isFixed={isBusy} onSayInstead={chat.sayInstead} onAnswerAgain={chat.answerAgain} />)}
        {isThinking && <p className={styles['waiting']} role="status">The graph is at work…</p>}
        {(failure ?? error) && <p className={styles['failure']} role="alert"><b>{failure?.error ?? 'The run failed.'}</b> {failure?.message ?? error}</p>}
        {isHead && <InterruptCard inFlow />}
      </div>
    </div>
  )
}
