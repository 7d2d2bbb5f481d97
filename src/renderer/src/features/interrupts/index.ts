export { InterruptCard } from './interrupt-card.tsx'
export { pendingInterrupts } from './pending.ts'
