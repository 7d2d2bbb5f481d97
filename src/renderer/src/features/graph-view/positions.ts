import { readStored, writeStored } from '../../lib/local-storage.ts'

export type Positions = Readonly<Record<string, { readonly x: number, readonly y: number }>>

const KEY = 'superstep:positions'

function all(): Record<string, Positions> {
  try {
    return JSON.parse(readStored(KEY) ?? '{}') as Record<string, Positions>
  } catch {
    // Cut off or somebody else's: the layout is as good.
    return {}
  }
}

/** Where a person put nodes by hand, by assistant. They win over the layout. */
export const loadPositions = (assistantId: string): Positions => all()[assistantId] ?? {}
export const savePositions = (assistantId: string, positions: Positions): void => writeStored(KEY, JSON.stringify({ ...all(), [assistantId]: positions }))
