import { MOST_HISTORY, type AgentMessage, type Artifact, type HistoryScope, type Part, type Task, type TaskState, type TaskStatus } from '../contract/a2a.ts'
import type { Interrupt } from '../contract/thread.ts'
import { conversationIn } from '../domain/a2a-messages.ts'
import { nextOf, tasksOf, valuesOf } from '../domain/checkpoint-view.ts'
import type { CheckpointRow, RunRow, Storage } from '../storage/storage.ts'

/** A task is a run with those after it that go on with what it left open, oldest first: its id is that of the first, and whoever answers its question goes on with it. */
export type TaskRuns = readonly [RunRow, ...RunRow[]]

export interface HowMuch { readonly length: number, readonly scope: HistoryScope, readonly artifacts: boolean }

/** Tasks as storage tells them: nothing of a task is kept anywhere else. */
export interface A2aTasks {
  /** The task that a run belongs to. */
  find(runId: string): TaskRuns | null
  /** Of a thread, newest first. */
  of(threadId: string): Generator<TaskRuns>
  status(task: TaskRuns): TaskStatus
  read(task: TaskRuns, how: HowMuch): Task
}

const PAGE = 50
const MESSAGES: ReadonlySet<string> = new Set(['messages'])

/** No new beginning: it answers, or goes on from a breakpoint. */
const goesOn = ({ kwargs: { command, input, checkpoint } }: RunRow): boolean => checkpoint === null && (command ? command.resume != null : input === null)

const STATES: Readonly<Record<RunRow['status'], TaskState>> = { pending: 'submitted', running: 'working', error: 'failed', timeout: 'failed', interrupted: 'canceled', success: 'completed' }

export function createA2aTasks({ runs, checkpoints }: Pick<Storage, 'runs' | 'checkpoints'>): A2aTasks {
  function* of(threadId: string): Generator<TaskRuns> {
    let later: RunRow[] = []
    for (let offset = 0; ; offset += PAGE) {
      const page = runs.list(threadId, { status: null, newestFirst: true }, { limit: PAGE, offset })
      for (const run of page) {
        if (goesOn(run)) later.unshift(run)
        else {
          yield [run, ...later]
          later = []
        }
      }
      if (page.length < PAGE) break
    }
    // What they went on with is gone.
    const [first, ...rest] = later
    if (first) yield [first, ...rest]
  }

  const lastOf = (task: TaskRuns): RunRow => task.at(-1) ?? task[0]

  /** What the run stopped at, where it has not come to its end; `isNow` while nothing else has gone on from there. */
  function openAt({ thread_id, run_id }: RunRow): { questions: Interrupt[], isNow: boolean } | null {
    const row = checkpoints.ofRun(thread_id, run_id)?.newest
    if (!row) return null
    const views = tasksOf(row, checkpoints.writes(thread_id, '', row.checkpoint_id), checkpoints.piece)
    if (nextOf(row, views, true).length === 0) return null
    return { questions: views.flatMap(({ interrupts }) => interrupts), isNow: checkpoints.get(thread_id, '', null)?.checkpoint_id === row.checkpoint_id }
  }

  function status(task: TaskRuns): TaskStatus {
    const run = lastOf(task)
    const state = run.status === 'running' && run.cancel ? 'canceled' : STATES[run.status]
    const says = (as: TaskState, parts: Part[]): TaskStatus => ({
      state: as, timestamp: run.updated_at, ...(parts.length ? { message: { messageId: `${run.run_id}-${as}`, contextId: run.thread_id, taskId: task[0].run_id, role: 'agent' as const, parts } } : {}),
    })
    if (state === 'failed' && run.error) return says(state, [{ text: `${run.error.error}: ${run.error.message}` }])
    const open = run.status === 'success' ? openAt(run) : null
    if (!open) return says(state, [])
    return open.isNow ? says('input-required', open.questions.map(questionPart)) : says('canceled', [{ text: 'Nobody waits for the answer any more: the context has gone on without it.' }])
  }

  const conversationAt = (row: CheckpointRow | null): AgentMessage[] => row ? conversationIn(valuesOf(row, checkpoints.piece, undefined, MESSAGES), row.thread_id) : []

  /** What the task itself has added to the conversation. */
  function ownMessages([{ run_id, thread_id }]: TaskRuns, row: CheckpointRow | null): AgentMessage[] {
    const parent = checkpoints.ofRun(thread_id, run_id)?.first.parent_checkpoint_id
    const before = new Set(conversationAt(parent ? checkpoints.get(thread_id, '', parent) : null).map(({ messageId }) => messageId))
    return conversationAt(row).filter(({ messageId }) => !before.has(messageId)).map((message) => ({ ...message, taskId: run_id }))
  }

  /** The last word of the agent; of a graph that holds no conversation, its state. */
  function artifactsAt(row: CheckpointRow | null, taskId: string, own: readonly AgentMessage[]): Artifact[] {
    if (!row) return []
    if (!(row.keys ?? Object.keys(row.channels)).includes('messages')) return [{ artifactId: taskId, name: 'state', parts: [{ data: valuesOf(row, checkpoints.piece) }] }]
    const answer = own.findLast(({ role }) => role === 'agent')
    return answer ? [{ artifactId: answer.messageId, name: 'answer', parts: answer.parts }] : []
  }

  function read(task: TaskRuns, { length, scope, artifacts }: HowMuch): Task {
    const [{ run_id, thread_id }] = task
    const now = status(task)
    const row = checkpoints.ofRun(thread_id, lastOf(task).run_id)?.newest ?? null
    const own = ownMessages(task, row)
    const ownById = new Map(own.map((message) => [message.messageId, message]))
    const history = scope === 'task' ? own : conversationAt(checkpoints.get(thread_id, '', null)).map((message) => ownById.get(message.messageId) ?? message)
    return {
      id: run_id, contextId: thread_id, status: now,
      artifacts: artifacts && now.state === 'completed' ? artifactsAt(row, run_id, own) : [],
      history: length === 0 ? [] : history.slice(-length),
    }
  }

  return {
    of, status, read,
    find: (runId) => {
      const run = runs.get(runId)
      if (!run) return null
      for (const task of of(run.thread_id)) if (task.some(({ run_id }) => run_id === runId)) return task
      return null
    },
  }
}

/** A question is what the graph asked, as text where it is one; part by part the ids that its answers go by. */
const questionPart = ({ id, value }: Interrupt): Part => ({ ...(typeof value === 'string' ? { text: value } : { data: value ?? null }), ...(id ? { metadata: { interrupt_id: id } } : {}) })

export const howMuch = (given: { historyLength?: number | null, historyScope?: HistoryScope | null } | null | undefined, scope: HistoryScope, artifacts = true): HowMuch =>
  ({ length: given?.historyLength ?? MOST_HISTORY, scope: given?.historyScope ?? scope, artifacts })
