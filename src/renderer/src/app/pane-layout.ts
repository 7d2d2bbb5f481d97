import { readStored, writeStored } from '../lib/local-storage.ts'

type Layout = Readonly<Record<string, number>>

const key = (name: string) => `superstep:layout:${name}`

/** Percentages by pane, as they were left. */
export function storedLayout(name: string, fallback: Layout): Layout {
  try {
    const layout = JSON.parse(readStored(key(name)) ?? 'null') as Layout | null
    return layout && Object.keys(fallback).every((pane) => typeof layout[pane] === 'number') ? layout : fallback
  } catch {
    return fallback
  }
}

export const rememberLayout = (name: string, layout: Layout): void => writeStored(key(name), JSON.stringify(layout))
