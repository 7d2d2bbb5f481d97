/** LangGraph gives its questions ids since 0.4, under two names; before, a task had one question at a time. */
export interface TaskInterrupt { readonly id?: string, readonly interrupt_id?: string, readonly ns?: readonly string[], readonly value?: unknown }

export const hasOwnId = ({ id, interrupt_id }: TaskInterrupt): boolean => (id ?? interrupt_id) !== undefined

/** By what clients name a question when they answer it. */
export const interruptId = (interrupt: TaskInterrupt, namespace: readonly string[]): string =>
  interrupt.id ?? interrupt.interrupt_id ?? ((interrupt.ns ?? namespace).join('|') || 'interrupt')
