import type { Slice } from '../../app-store.ts'
import { readStored, writeStored } from '../../lib/local-storage.ts'

export type Side = 'before' | 'after'
export interface Breakpoint { readonly before: boolean, readonly after: boolean }
/** By node path (`parent:child` inside subgraphs). */
export type Breakpoints = Readonly<Record<string, Breakpoint>>

export interface BreakpointsSlice {
  /** By assistant. */
  readonly breakpoints: Readonly<Record<string, Breakpoints>>
  toggleBreakpoint(node: string, side: Side): void
  setBreakpoints(marks: Breakpoints): void
}

const KEY = 'superstep:breakpoints'
const NONE: Breakpoint = { before: false, after: false }

/** Turns one side over; a node with neither side leaves the list. Pure. */
export function toggled(marks: Breakpoints, node: string, side: Side): Breakpoints {
  const next = { ...NONE, ...marks[node] }
  next[side] = !next[side]
  const { [node]: _, ...others } = marks
  return next.before || next.after ? { ...others, [node]: next } : others
}

export const allBefore = (nodes: readonly string[]): Breakpoints => Object.fromEntries(nodes.map((node) => [node, { before: true, after: false }]))
export const countOf = (marks: Breakpoints | undefined): number => Object.values(marks ?? {}).reduce((sum, { before, after }) => sum + Number(before) + Number(after), 0)

function stored(): BreakpointsSlice['breakpoints'] {
  try {
    return JSON.parse(readStored(KEY) ?? '{}') as BreakpointsSlice['breakpoints']
  } catch {
    // Something else's, or cut off: breakpoints are quickly set again.
    return {}
  }
}

export const createBreakpointsSlice: Slice<BreakpointsSlice> = (set, get) => {
  const put = (marks: Breakpoints) => {
    const { breakpoints, selection: { assistantId } } = get()
    if (!assistantId) return
    const next = { ...breakpoints, [assistantId]: marks }
    writeStored(KEY, JSON.stringify(next))
    set({ breakpoints: next })
  }
  return {
    breakpoints: stored(),
    setBreakpoints: put,
    toggleBreakpoint: (node, side) => put(toggled(get().breakpoints[get().selection.assistantId ?? ''] ?? {}, node, side)),
  }
}
