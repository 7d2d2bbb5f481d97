import type { ThreadState } from '@langchain/langgraph-sdk'
import type { PendingInterrupt } from './payload-shape.ts'

/** Open questions of the newest checkpoint, those of subgraphs included; each once. */
export function pendingInterrupts(head: ThreadState | null): PendingInterrupt[] {
  const found: PendingInterrupt[] = []
  const visit = (state: ThreadState) => {
    for (const task of state.tasks) {
      const nested = task.state && 'tasks' in task.state ? task.state as ThreadState : null
      for (const interrupt of task.interrupts ?? []) {
        const raw = interrupt as { id?: string, interrupt_id?: string, value?: unknown }
        const id = raw.id ?? raw.interrupt_id ?? null
        if (!found.some((known) => known.id !== null && known.id === id)) found.push({ id, node: task.name, value: raw.value })
      }
      if (nested) visit(nested)
    }
  }
  if (head) visit(head)
  return found
}
