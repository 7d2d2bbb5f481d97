import type { Checkpoint, CheckpointListOptions, CheckpointMetadata, CheckpointTuple, PendingWrite, ChannelVersions } from '@langchain/langgraph-checkpoint'
import type { RunnableConfig } from '@langchain/core/runnables'
import type { CheckpointPut, CheckpointWrite, StoredCheckpoint } from '../../engine/graph-worker.ts'
import { encodeValue } from '../../domain/encode-value.ts'
import type { Connection } from '../connection.ts'
import { createChannelMemory } from './channel-memory.ts'
import { createPutOrder } from './put-order.ts'
import type { LiveReader } from './live-values.ts'
import { sendWithPieces, type SentPieces } from './sent-pieces.ts'
import type { UserLangGraph } from './user-langgraph.ts'
import { plainJson } from './plain-json.ts'

/** LangGraph's own: these writes replace an earlier one of the same task, all others keep the first. */
const WRITES_IDX_MAP: Readonly<Record<string, number>> = { __error__: -1, __scheduled__: -2, __interrupt__: -3, __resume__: -4 }

/** Parts of the config's metadata that only repeat where the checkpoint is. */
const PLACE_KEYS = new Set(['thread_id', 'checkpoint_id', 'checkpoint_ns', 'checkpoint_map', 'langgraph_step', 'langgraph_node', 'langgraph_triggers', 'langgraph_path', 'langgraph_checkpoint_ns'])

/** A checkpoint that was handed to the server, for whoever has to describe it. */
export interface PutCheckpoint {
  readonly checkpointNs: string
  readonly checkpointId: string
  readonly channelValues: Readonly<Record<string, unknown>>
  readonly channels: Readonly<Record<string, string>>
}

export interface CheckpointerOptions {
  readonly langgraph: UserLangGraph
  readonly connection: Connection
  readonly sent: SentPieces
  readonly read: LiveReader
  readonly runId: string | null
  readonly onPut: (put: PutCheckpoint) => void
}

export type RunCheckpointer = InstanceType<ReturnType<typeof createCheckpointerClass>>

/** A checkpointer for one run: a proxy to the server's storage. A promise it gives resolves when the write is committed. */
export function createCheckpointer(options: CheckpointerOptions): RunCheckpointer {
  return new (createCheckpointerClass(options))()
}

function createCheckpointerClass({ langgraph, connection, sent, read, runId, onPut }: CheckpointerOptions) {
  const memory = createChannelMemory()
  const order = createPutOrder()
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  const track = async <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    try {
      return await work
    } finally {
      underWay.delete(work)
    }
  }

  const assertOpen = () => {
    if (isClosed) throw new Error('The run has ended: its checkpoints are closed.')
  }

  const toTuple = (stored: StoredCheckpoint): CheckpointTuple => {
    const at = { thread_id: stored.thread_id, checkpoint_ns: stored.checkpoint_ns }
    order.isThere(stored.checkpoint_ns, stored.checkpoint_id)
    const channelValues = Object.fromEntries(Object.entries(stored.inflated).map(([channel, json]) => [channel, read(json)]))
    memory.remember(stored.checkpoint_ns, stored.checkpoint_id, { values: channelValues, versions: (stored.body['channel_versions'] ?? {}) as ChannelVersions, texts: stored.channels })
    return {
      config: { configurable: { ...at, checkpoint_id: stored.checkpoint_id } },
      checkpoint: { ...(stored.body as unknown as Checkpoint), id: stored.checkpoint_id, channel_values: channelValues },
      metadata: stored.metadata as unknown as CheckpointMetadata,
      pendingWrites: stored.writes.map(({ task_id, channel, value }) => [task_id, channel, read(value)]),
      ...(stored.parent_checkpoint_id ? { parentConfig: { configurable: { ...at, checkpoint_id: stored.parent_checkpoint_id } } } : {}),
    }
  }

  return class ServerCheckpointer extends (langgraph.BaseCheckpointSaver as typeof import('@langchain/langgraph-checkpoint').BaseCheckpointSaver<number>) {
    override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
      const { threadId, checkpointNs, checkpointId } = placeOf(config)
      const stored = await connection.request<StoredCheckpoint | null>('checkpoint.get', { thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpointId })
      return stored ? toTuple(stored) : undefined
    }

    override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
      const { threadId, checkpointId } = placeOf(config)
      if (checkpointId) {
        const one = await this.getTuple(config)
        if (one) yield one
        return
      }
      const stored = await connection.request<StoredCheckpoint[]>('checkpoint.list', {
        thread_id: threadId,
        checkpoint_ns: (config.configurable?.['checkpoint_ns'] as string | undefined) ?? null,
        before: (options.before?.configurable?.['checkpoint_id'] as string | undefined) ?? null,
        limit: options.limit ?? null,
        filter: options.filter ?? null,
      })
      for (const checkpoint of stored) yield toTuple(checkpoint)
    }

    override async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions): Promise<RunnableConfig> {
      assertOpen()
      const { threadId, checkpointNs, checkpointId: parentId } = placeOf(config)
      const { channel_values: values, ...body } = checkpoint
      const request = {
        encode: (sink: (hash: string, json: string) => void, fresh: boolean): CheckpointPut => {
          const reuse = fresh || !parentId ? undefined : memory.recall(checkpointNs, parentId)
          const channels: Record<string, string> = {}
          for (const [channel, value] of Object.entries(values)) {
            if (value === undefined) continue
            const known = channel in newVersions ? undefined : reuse?.(channel, value, checkpoint.channel_versions[channel])
            channels[channel] = known ?? encodeValue(value, sink)
          }
          return {
            thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpoint.id, parent_checkpoint_id: parentId, run_id: runId,
            metadata: metadataOf(config, metadata), body: plainJson(body) as Record<string, unknown>, channels,
          }
        },
        send: (params: CheckpointPut, payload: Uint8Array) => {
          memory.remember(checkpointNs, checkpoint.id, { values, versions: checkpoint.channel_versions, texts: params.channels })
          const answer = connection.request<{ missing: string[] }>('checkpoint.put', params, payload)
          order.isSent(checkpointNs, checkpoint.id, answer)
          onPut({ checkpointNs, checkpointId: checkpoint.id, channelValues: values, channels: params.channels })
          return answer
        },
      }
      await track(sendWithPieces(sent, request))
      return { configurable: { thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpoint.id } }
    }

    override async putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
      assertOpen()
      const { threadId, checkpointNs, checkpointId } = placeOf(config)
      if (!checkpointId) throw new Error('Writes were put without a checkpoint_id.')
      await track(sendWithPieces(sent, {
        turn: () => order.mayFollow(checkpointNs, checkpointId),
        encode: (sink) => writes.map(([channel, value], index): CheckpointWrite => ({ idx: WRITES_IDX_MAP[channel] ?? index, channel, value: encodeValue(value, sink) })),
        send: (encoded, payload) => connection.request<{ missing: string[] }>('checkpoint.writes', { thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpointId, task_id: taskId, run_id: runId, writes: encoded }, payload),
      }))
    }

    override async deleteThread(threadId: string): Promise<void> {
      assertOpen()
      await track(connection.request('checkpoint.delete_thread', { thread_id: threadId }))
    }

    /** Resolves when everything that was put so far is committed or refused. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    }

    /** From now on nothing is written: what user code still does after its run has ended changes nothing. */
    close(): void {
      isClosed = true
    }
  }
}

function placeOf(config: RunnableConfig): { threadId: string, checkpointNs: string, checkpointId: string | null } {
  const { thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpointId } = config.configurable ?? {}
  if (typeof threadId !== 'string') throw new Error('A checkpoint needs a "thread_id" in its config\'s "configurable".')
  return { threadId, checkpointNs: typeof checkpointNs === 'string' ? checkpointNs : '', checkpointId: typeof checkpointId === 'string' && checkpointId !== '' ? checkpointId : null }
}

/** The run's metadata goes with each checkpoint: LangGraph resumes a retried run by its `run_id`. */
function metadataOf(config: RunnableConfig, metadata: CheckpointMetadata): Record<string, unknown> {
  const own = Object.entries(config.metadata ?? {}).filter(([key]) => !PLACE_KEYS.has(key) && !key.startsWith('__'))
  return plainJson({ ...Object.fromEntries(own), ...metadata }) as Record<string, unknown>
}
