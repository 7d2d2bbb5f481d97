import type { RunKwargs } from '../contract/run.ts'
import type { Interrupt } from '../contract/thread.ts'

/** LangGraph takes an object for answers by interrupt when each of its keys is a hash like this one. */
const isInterruptId = (key: string) => /^[0-9a-f]{32}$/.test(key)

/**
 * Interrupts that a run answers and that nobody asked, where it says `strict_resume` (§3.8); else they would be ignored
 * without a word. An answer that names no interrupt is for whoever asked.
 */
export function unknownInterrupts({ command, strict_resume }: Pick<RunKwargs, 'command' | 'strict_resume'>, interrupts: Readonly<Record<string, readonly Interrupt[]>>): string[] {
  const resume = command?.resume
  if (!strict_resume || typeof resume !== 'object' || resume === null || Array.isArray(resume)) return []
  const answered = Object.keys(resume)
  if (!answered.every(isInterruptId)) return []
  const open = new Set(Object.values(interrupts).flat().map(({ id, interrupt_id }) => id ?? interrupt_id))
  return answered.filter((id) => !open.has(id))
}

/** For the caller and for the failed run alike. */
export function describeUnknown(unknown: readonly string[], interrupts: Readonly<Record<string, readonly Interrupt[]>>): string {
  const open = Object.values(interrupts).flat().flatMap(({ id }) => id ?? [])
  return `No open interrupt has the id ${unknown.join(', ')}. Open: ${open.join(', ') || 'none'}.`
}
