export { InterruptCard, OpenQuestions } from './interrupt-card.tsx'
export { questionLine } from './payload-shape.ts'
export { pendingInterrupts } from './pending.ts'
