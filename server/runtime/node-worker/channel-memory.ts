/** Per namespace only the latest few: the parent of the next checkpoint is nearly always the last one. */
const REMEMBERED = 4

export interface RememberedCheckpoint {
  readonly values: Readonly<Record<string, unknown>>
  readonly versions: Readonly<Record<string, number | string>>
  /** Channel → stored form. */
  readonly texts: Readonly<Record<string, string>>
}

/** Gives the stored form of a channel that is still what it was in the parent, or undefined. */
export type Recall = (channel: string, value: unknown, version: number | string | undefined) => string | undefined

export interface ChannelMemory {
  remember(checkpointNs: string, checkpointId: string, checkpoint: RememberedCheckpoint): void
  recall(checkpointNs: string, parentId: string): Recall | undefined
}

/**
 * Remembers how the channels of the last checkpoints were stored. A channel counts as unchanged only when its
 * version and its value's identity are: LangGraph's updateState can change a value without a new version.
 */
export function createChannelMemory(): ChannelMemory {
  const namespaces = new Map<string, Map<string, RememberedCheckpoint>>()
  return {
    remember(checkpointNs, checkpointId, checkpoint) {
      const known = namespaces.get(checkpointNs) ?? new Map<string, RememberedCheckpoint>()
      known.delete(checkpointId)
      known.set(checkpointId, checkpoint)
      for (const oldest of known.keys()) if (known.size > REMEMBERED) known.delete(oldest)
      namespaces.set(checkpointNs, known)
    },
    recall(checkpointNs, parentId) {
      const parent = namespaces.get(checkpointNs)?.get(parentId)
      if (!parent) return undefined
      return (channel, value, version) => {
        const isUnchanged = version !== undefined && parent.versions[channel] === version && Object.is(parent.values[channel], value)
        return isUnchanged ? parent.texts[channel] : undefined
      }
    },
  }
}
