import { keywordsOf } from './search.ts'

export type Depth = 'quick' | 'thorough'

const ANGLES: readonly string[] = ['benefit', 'cost', 'risk', 'limit']
const ANGLES_PER_PASS: Readonly<Record<Depth, number>> = { quick: 1, thorough: 2 }
const NOTES_NEEDED: Readonly<Record<Depth, number>> = { quick: 2, thorough: 3 }
const DEFAULT_PASSES: Readonly<Record<Depth, number>> = { quick: 1, thorough: 2 }

/** The tasks of one pass: each pass asks about the next angles. */
export function tasksOf(question: string, depth: Depth, pass: number): string[] {
  const topic = keywordsOf(question).filter((word) => !ANGLES.includes(word)).join(' ')
  const count = ANGLES_PER_PASS[depth]
  const start = pass * count % ANGLES.length
  return ANGLES.slice(start, start + count).map((angle) => `${topic} ${angle}`.trim())
}

export const notesNeeded = (depth: Depth): number => NOTES_NEEDED[depth]

export const passesAllowed = (depth: Depth, maxPasses: number | undefined): number => maxPasses ?? DEFAULT_PASSES[depth]
