interface Config { configurable?: Record<string, unknown> }

interface CheckpointPayload extends Record<string, unknown> { config?: Config, parentConfig?: Config, tasks?: Record<string, unknown>[] }

/** A checkpoint as `debug` and `checkpoints` tell it on the wire: snake case, nothing internal. */
export function checkpointPayload(payload: unknown): Record<string, unknown> {
  const { parentConfig, config, tasks, ...rest } = payload as CheckpointPayload
  return {
    ...rest,
    config: publicConfig(config),
    parent_config: publicConfig(parentConfig),
    checkpoint: checkpointOf(config),
    parent_checkpoint: checkpointOf(parentConfig),
    tasks: (tasks ?? []).map(taskPayload),
  }
}

/** What places a checkpoint among the others; null for a chunk of mode `debug` that tells something else. */
export function checkpointRef(chunk: unknown): Record<string, unknown> | null {
  const debug = chunk as { type?: unknown, payload?: unknown }
  if (debug.type !== undefined && debug.type !== 'checkpoint') return null
  const { config, parentConfig, metadata } = (debug.type === 'checkpoint' ? debug.payload : chunk) as CheckpointPayload & { metadata?: { step?: unknown, source?: unknown } }
  const id = config?.configurable?.['checkpoint_id']
  const parent = parentConfig?.configurable?.['checkpoint_id']
  return id === undefined ? null : { id, ...(parent === undefined ? {} : { parent_id: parent }), step: metadata?.step, source: metadata?.source }
}

/** A task whose state is only a reference to a subgraph's checkpoint tells that as `checkpoint`. */
export function taskPayload(task: unknown): Record<string, unknown> {
  const { state, ...rest } = task as Record<string, unknown>
  const checkpoint = isConfig(state) ? checkpointOf(state) : null
  if (checkpoint) return { ...rest, checkpoint }
  return state === undefined ? rest : { ...rest, state }
}

/** A chunk of mode `debug`. */
export function debugPayload(chunk: unknown): unknown {
  const debug = chunk as { type?: string, payload?: unknown }
  if (debug.type === 'checkpoint') return { ...debug, payload: checkpointPayload(debug.payload) }
  if (debug.type === 'task_result') return { ...debug, payload: taskPayload(debug.payload) }
  return chunk
}

const isConfig = (value: unknown): value is Config => typeof value === 'object' && value !== null && 'configurable' in value

function publicConfig(config: Config | undefined): unknown {
  if (!config) return null
  const { callbacks: _callbacks, ...rest } = config as Config & { callbacks?: unknown }
  const configurable = Object.entries(config.configurable ?? {}).filter(([key]) => !key.startsWith('__'))
  return { ...rest, configurable: Object.fromEntries(configurable) }
}

function checkpointOf(config: Config | undefined): Record<string, unknown> | null {
  const { thread_id, checkpoint_id, checkpoint_ns, checkpoint_map } = config?.configurable ?? {}
  if (!thread_id) return null
  return { thread_id, checkpoint_id: checkpoint_id ?? null, checkpoint_ns: checkpoint_ns ?? '', checkpoint_map: checkpoint_map ?? null }
}
