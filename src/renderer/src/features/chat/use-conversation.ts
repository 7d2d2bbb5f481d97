import { useMemo, useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { clientFor } from '../../api/client.ts'
import { studioStore, useStudio, useStudioActions } from '../../app-store.ts'
import { readStored, writeStored } from '../../lib/local-storage.ts'
import { schemaFields } from '../../lib/schema-fields.ts'
import { isMessageList } from '../../stream/read-message.ts'
import type { MessageView } from '../../stream/run-view.ts'
import { branchTo, shownEntry } from '../history/index.ts'
import { conversation, firstThat, messageKeys, withLive } from './conversation.ts'

type Values = Readonly<Record<string, unknown>>
const NOTHING: Values = {}
const KEY = (graphId: string) => `superstep:chat-key:${graphId}`

export interface Conversation {
  readonly keys: readonly string[]
  readonly key: string | null
  readonly messages: readonly MessageView[]
  readonly isLive: boolean
  /** Inputs that the graph needs beside the conversation. */
  readonly alsoNeeded: readonly string[]
  chooseKey(key: string): void
  say(content: unknown, onAccepted: () => void): void
  /** Goes back to before a message of a person, and says something else: a new branch. */
  sayInstead(messageId: string, content: string): Promise<void>
  /** Runs again what led to an answer: a new branch. */
  answerAgain(messageId: string): Promise<void>
}

/** The checkpoint just before the one that a message came with, on the branch that is looked at. */
async function checkpointBefore(key: string, messageId: string): Promise<string | null> {
  const { connection, selection: { threadId, checkpointId }, history } = studioStore.getState()
  if (!threadId) return null
  const branch = branchTo(history.entries, shownEntry(history.entries, checkpointId))
  const first = await firstThat(branch.length, async (at) => {
    const { values } = await clientFor(connection).threads.getState(threadId, branch[at]!.checkpoint_id)
    const list = (values as unknown as Values)[key]
    return isMessageList(list) && list.some((raw) => raw['id'] === messageId)
  })
  return first === null || first === 0 ? null : branch[first - 1]!.checkpoint_id
}

export function useConversation(): Conversation {
  const graphId = useStudio((state) => state.assistants.items.find((assistant) => assistant.assistant_id === state.selection.assistantId)?.graph_id ?? '')
  const schemas = useStudio((state) => state.graph.schemas)
  const isBusy = useStudio((state) => state.run.phase === 'running' || state.run.phase === 'starting' || state.run.phase === 'cancelling')
  const isBack = useStudio((state) => state.selection.checkpointId !== null)
  const shown = useStudio((state) => state.threadState.threadId === state.selection.threadId ? state.threadState.state?.values as Values | undefined : undefined) ?? NOTHING
  const runView = useStudio((state) => state.runView)
  const { startRun } = useStudioActions()
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({})

  const isLive = isBusy && !isBack
  const values = isLive ? runView.values ?? shown : shown
  const keys = useMemo(() => messageKeys(values, [schemas?.input_schema, schemas?.state_schema]), [values, schemas])
  const wanted = chosen[graphId] ?? readStored(KEY(graphId))
  const key = keys.find((candidate) => candidate === wanted) ?? keys[0] ?? null
  const settled = useMemo(() => key === null ? [] : conversation(values, key), [values, key])
  const messages = useMemo(() => isLive ? withLive(settled, runView) : settled, [isLive, settled, runView])
  const alsoNeeded = useMemo(() => (schemaFields(schemas?.input_schema) ?? []).filter((field) => field.isRequired && field.key !== key).map((field) => field.key), [schemas, key])

  const from = async (messageId: string, go: (checkpointId: string) => Promise<void>) => {
    try {
      const before = key === null ? null : await checkpointBefore(key, messageId)
      if (before === null) toast.error('The thread has no checkpoint from before this message.')
      else await go(before)
    } catch (error) {
      toast.error(errorText(error))
    }
  }
  const asInput = (content: unknown) => ({ [key ?? 'messages']: [{ type: 'human', content }] })
  return {
    keys, key, messages, isLive, alsoNeeded,
    chooseKey: (next) => {
      writeStored(KEY(graphId), next)
      setChosen((before) => ({ ...before, [graphId]: next }))
    },
    say: (content, onAccepted) => void startRun({ input: asInput(content) }, onAccepted),
    sayInstead: (messageId, content) => from(messageId, (checkpointId) => startRun({ input: asInput(content), checkpointId })),
    answerAgain: (messageId) => from(messageId, (checkpointId) => startRun({ input: null, checkpointId })),
  }
}
