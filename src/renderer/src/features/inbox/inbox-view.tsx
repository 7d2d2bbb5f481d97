import type { ThreadState } from '@langchain/langgraph-sdk'
import { Inbox as InboxIcon, Play, RotateCcw, Workflow } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { formatAgo } from '../../lib/format-time.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { DetailBody, DetailHead, FactList, MasterDetail, type MasterRow } from '../../ui/master-detail.tsx'
import { EmptyState, FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { useNow } from '../../ui/use-now.ts'
import { OpenQuestions, pendingInterrupts } from '../interrupts/index.ts'
import type { Waiting } from './inbox-slice.ts'

const rowOf = ({ threadId, title, graphId, since, questions }: Waiting, now: number): MasterRow => ({
  id: threadId, dot: { status: 'wait', label: 'Waits for you' }, title, aside: formatAgo(since, now),
  sub: [graphId, questions[0] ?? 'stands at a breakpoint', questions.length > 1 ? `and ${questions.length - 1} more` : null].filter(Boolean).join(' · '), tip: `${title}\n${questions.join('\n')}`,
})

/** Everything that waits for a person, over all threads: the question, its form, and on to the next. */
export function InboxView() {
  const { status, error, items } = useStudio((state) => state.inbox)
  const { loadInbox } = useStudioActions()
  const [chosenId, setChosen] = useState<string | null>(null)
  const now = useNow()
  const chosen = items.find(({ threadId }) => threadId === chosenId) ?? items[0] ?? null
  const next = (after: Waiting) => {
    const at = items.findIndex(({ threadId }) => threadId === after.threadId)
    setChosen((items[at + 1] ?? items[at - 1])?.threadId ?? null)
  }
  if (status === 'loading') return <LoadingState label="Looking for open questions" />
  if (status === 'failed' && items.length === 0) return <FailedState title="The inbox can't be read" detail={error} action={<Button onClick={() => void loadInbox()}>Try again</Button>} />
  return (
    <MasterDetail
      title="Inbox" count={items.length} problem={error} rows={items.map((item) => rowOf(item, now))} chosen={chosen?.threadId ?? null} onChoose={setChosen}
      tools={<IconButton label="Look again" onClick={() => void loadInbox()}><RotateCcw aria-hidden /></IconButton>}
      empty={<EmptyState icon={<InboxIcon aria-hidden />} title="Nothing waits for you" action={<Button onClick={() => studioStore.getState().select({ view: 'studio' })}>Go to the graph</Button>}>Questions that graphs ask with <code>interrupt()</code>, and threads that stand at a breakpoint, are gathered here.</EmptyState>}
    >
      {chosen ? <Question key={chosen.threadId + chosen.since} item={chosen} onDone={() => next(chosen)} /> : <EmptyState title="All answered" />}
    </MasterDetail>
  )
}

function useHead(threadId: string) {
  const [read, setRead] = useState<{ head: ThreadState | null, error: string | null }>({ head: null, error: null })
  const load = useCallback(() => {
    void clientFor(studioStore.getState().connection).threads.getState(threadId, undefined, { subgraphs: true })
      .then((head) => setRead({ head, error: null }), (error: unknown) => setRead({ head: null, error: errorText(error) }))
  }, [threadId])
  useEffect(load, [load])
  return { ...read, load }
}

function Question({ item: { threadId, title, graphId, assistantId }, onDone }: { item: Waiting, onDone: () => void }) {
  const { head, error, load } = useHead(threadId)
  const now = useNow()
  const [isSent, setSent] = useState(false)
  const { select, loadInbox } = useStudioActions()
  const resume = async (how: { command: { resume: unknown } } | { input: null }) => {
    const runner = assistantId ?? graphId
    if (!runner) return void toast.error('The thread does not say which assistant ran it. Open it, choose one, and answer there.')
    setSent(true)
    try {
      await clientFor(studioStore.getState().connection).runs.create(threadId, runner, { ...how, multitaskStrategy: 'reject', streamResumable: true, streamMode: ['values', 'updates', 'messages-tuple', 'custom', 'tasks', 'checkpoints'], streamSubgraphs: true })
      onDone()
      await loadInbox()
    } catch (failure) {
      setSent(false)
      toast.error(errorText(failure))
    }
  }
  const questions = head ? pendingInterrupts(head) : []
  return (
    <>
      <DetailHead title={title} tip={threadId}><Button onClick={() => select({ view: 'studio', threadId })}><Workflow aria-hidden />Open the thread</Button></DetailHead>
      {error ? <FailedState title="The question can't be read" detail={error} action={<Button onClick={load}>Try again</Button>} />
        : !head ? <LoadingState label="Reading the question" />
        : isSent ? <LoadingState label="Sending the answer" />
        : (
          <DetailBody>
            <FactList facts={[['Graph', graphId], ['Stands at', [...new Set(head.next)].join(', ')], ['Since', head.created_at ? formatAgo(head.created_at, now) : null]]} />
            {questions.length > 0
              ? <OpenQuestions inFlow interrupts={questions} onResume={(answer) => void resume({ command: { resume: answer } })} />
              : <div><Button kind="primary" onClick={() => void resume({ input: null })}><Play aria-hidden />Continue</Button></div>}
          </DetailBody>
        )}
    </>
  )
}
