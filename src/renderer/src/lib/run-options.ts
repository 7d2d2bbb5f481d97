import { readStored, writeStored } from './local-storage.ts'

export const STRATEGIES = ['enqueue', 'reject', 'interrupt', 'rollback'] as const
export const DURABILITIES = ['async', 'sync', 'exit'] as const

/** How a run is made, beside its input. Null leaves it to the server. */
export interface RunOptions {
  /** When the thread is busy. */
  readonly multitaskStrategy: (typeof STRATEGIES)[number]
  readonly durability: (typeof DURABILITIES)[number] | null
  readonly recursionLimit: number | null
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>> | null
  /** Before its time nothing is done. */
  readonly afterSeconds: number | null
  readonly webhook: string | null
}

export const DEFAULT_OPTIONS: RunOptions = { multitaskStrategy: 'enqueue', durability: null, recursionLimit: null, tags: [], metadata: null, afterSeconds: null, webhook: null }

const KEY = 'superstep:run-options'
/** So many assistants' choices are kept. */
const MOST = 50

function readAll(): Readonly<Record<string, Partial<RunOptions>>> {
  try {
    return JSON.parse(readStored(KEY) ?? '{}') as Record<string, Partial<RunOptions>>
  } catch {
    return {}
  }
}

export const readOptions = (assistantId: string | null): RunOptions => ({ ...DEFAULT_OPTIONS, ...assistantId === null ? {} : readAll()[assistantId] })

export function writeOptions(assistantId: string, options: RunOptions): void {
  const { [assistantId]: _before, ...others } = readAll()
  writeStored(KEY, JSON.stringify(Object.fromEntries([...Object.entries(others), [assistantId, options]].slice(-MOST))))
}

/** How many differ from what is usual. */
export const changedOptions = (options: RunOptions): number => Object.entries(DEFAULT_OPTIONS).filter(([key, value]) => JSON.stringify(options[key as keyof RunOptions]) !== JSON.stringify(value)).length

/** As the wire has them (§1.4). */
export const optionFields = ({ multitaskStrategy, durability, recursionLimit, tags, metadata, afterSeconds, webhook }: RunOptions): Readonly<Record<string, unknown>> => ({
  multitask_strategy: multitaskStrategy,
  ...(durability ? { durability } : {}),
  ...(recursionLimit !== null || tags.length ? { config: { ...(recursionLimit === null ? {} : { recursion_limit: recursionLimit }), ...(tags.length ? { tags } : {}) } } : {}),
  ...(metadata ? { metadata } : {}),
  ...(afterSeconds ? { after_seconds: afterSeconds } : {}),
  ...(webhook ? { webhook } : {}),
})
