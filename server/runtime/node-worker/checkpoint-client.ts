import { setImmediate } from 'node:timers/promises'
import type { ChannelVersions, Checkpoint, CheckpointListOptions, CheckpointMetadata, CheckpointTuple, PendingWrite } from '@langchain/langgraph-checkpoint'
import type { RunnableConfig } from '@langchain/core/runnables'
import { encodeValue, type PieceSink } from '../../domain/encode-value.ts'
import type { PieceSource } from '../../domain/read-value.ts'
import type { CheckpointPut, CheckpointView, CheckpointWrite, StoredCheckpoint } from '../../engine/graph-worker.ts'
import type { Connection } from '../connection.ts'
import { createChannelMemory, type Recall } from './channel-memory.ts'
import type { LiveReader } from './live-values.ts'
import { piecesFor } from './piece-reader.ts'
import { plainJson } from './plain-json.ts'
import { createPutOrder } from './put-order.ts'
import { prepareRequest, type SentPieces } from './sent-pieces.ts'

/** LangGraph's own: these writes replace an earlier one of the same task, all others keep the first. */
const WRITES_IDX_MAP: Readonly<Record<string, number>> = { __error__: -1, __scheduled__: -2, __interrupt__: -3, __resume__: -4 }

/** Parts of the config's metadata that only repeat where the checkpoint is. */
const PLACE_KEYS = new Set(['thread_id', 'checkpoint_id', 'checkpoint_ns', 'checkpoint_map', 'langgraph_step', 'langgraph_node', 'langgraph_triggers', 'langgraph_path', 'langgraph_checkpoint_ns'])

/** A checkpoint that was handed to the server, for whoever has to describe it. */
export interface PutCheckpoint {
  readonly checkpointNs: string
  readonly checkpointId: string
  readonly channelValues: Readonly<Record<string, unknown>>
  /** Channel → stored form. */
  readonly channels: Readonly<Record<string, string>>
}

export interface CheckpointClientOptions {
  readonly connection: Connection
  readonly sent: SentPieces
  readonly read: LiveReader
  readonly runId: string | null
  /** Each write waits until it is on the disk. Otherwise writes overlap with the run, and {@link CheckpointClient.settled} tells of a failure. */
  readonly sync: boolean
  /** The newest checkpoint of the thread, where it is known; then reading it asks nobody. */
  readonly head?: StoredCheckpoint | null | undefined
  /** A checkpoint that has to be described: it was put, or found as an attempt that died has left it. */
  readonly onPut: (put: PutCheckpoint) => void
}

/** Encodes what a reader needs to know of a checkpoint. */
export type EncodeView = (sink: PieceSink) => NonNullable<CheckpointPut['view']>

/** A checkpoint that waits a moment for its view, so that both make one request. */
interface HeldPut { readonly checkpointNs: string, readonly checkpointId: string, view: EncodeView | null, release(): void }

interface PutParts { readonly config: RunnableConfig, readonly checkpoint: Checkpoint, readonly metadata: CheckpointMetadata, readonly newVersions: ChannelVersions }

interface Missing { missing: string[] }

/**
 * The checkpoints of one run, kept by the server. A promise given by a write resolves when it is committed; where the run does
 * not wait for its writes, at once, and a failure comes with the next write or with `assertKept`.
 */
export class CheckpointClient {
  readonly #options: CheckpointClientOptions
  readonly #memory = createChannelMemory()
  readonly #order = createPutOrder()
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false
  #held: HeldPut | null = null
  #failure: { readonly error: unknown } | null = null
  #head: StoredCheckpoint | null | undefined

  constructor(options: CheckpointClientOptions) {
    this.#options = options
    this.#head = options.head
  }

  async get(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    if (config.configurable?.['thread_id'] === undefined) return undefined
    const place = wirePlace(config)
    const isHead = place.checkpoint_ns === '' && place.checkpoint_id === null && this.#head !== undefined
    const stored = isHead ? this.#head : await this.#ask<StoredCheckpoint | null>('checkpoint.get', place)
    return stored ? (await this.#toTuples([stored]))[0] : undefined
  }

  /** Without a thread, those of all threads. */
  async list(config: RunnableConfig, { before, limit, filter }: CheckpointListOptions): Promise<CheckpointTuple[]> {
    if (config.configurable?.['checkpoint_id']) return [await this.get(config)].filter((tuple) => tuple !== undefined)
    const stored = await this.#ask<StoredCheckpoint[]>('checkpoint.list', {
      thread_id: (config.configurable?.['thread_id'] as string | undefined) ?? null,
      checkpoint_ns: (config.configurable?.['checkpoint_ns'] as string | undefined) ?? null,
      before: (before?.configurable?.['checkpoint_id'] as string | undefined) ?? null,
      limit: limit ?? null,
      filter: filter ?? null,
    })
    return this.#toTuples(stored)
  }

  /** Only what changed since the parent is encoded, and only pieces the server lacks are sent. */
  async put(parts: PutParts): Promise<RunnableConfig> {
    this.#assertOpen()
    const { thread_id, checkpoint_ns } = wirePlace(parts.config)
    this.#head = undefined
    this.#held?.release()
    const answered = Promise.withResolvers<void>()
    const held: HeldPut = { checkpointNs: checkpoint_ns, checkpointId: parts.checkpoint.id, view: null, release: () => {} }
    let channels: CheckpointPut['channels'] = {}
    const dispatch = prepareRequest(this.#options.sent, {
      encode: (sink, isFresh) => {
        const put = this.#encodePut(parts, sink, isFresh)
        channels = put.channels
        return put
      },
      complete: (put, sink) => held.view ? { ...put, view: held.view(sink) } : put,
      send: (put, payload) => this.#write('checkpoint.put', { ...put, sync: this.#options.sync }, payload),
    })
    held.release = () => {
      if (this.#held === held) this.#held = null
      held.release = () => {}
      dispatch().then(answered.resolve, answered.reject)
    }
    this.#order.isSent(checkpoint_ns, parts.checkpoint.id, answered.promise)
    this.#held = held
    this.#remember(parts, channels)
    if (this.#options.sync) held.release()
    else void setImmediate().then(() => held.release())
    await this.#track(answered.promise)
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id: parts.checkpoint.id } }
  }

  /** Sends the view together with its checkpoint, where that has not been sent; says whether it will. */
  attachView(checkpointNs: string, checkpointId: string, view: EncodeView): boolean {
    const held = this.#held
    if (held?.checkpointNs !== checkpointNs || held.checkpointId !== checkpointId) return false
    held.view = view
    held.release()
    return true
  }

  async putWrites(config: RunnableConfig, writes: readonly PendingWrite[], taskId: string): Promise<void> {
    this.#assertOpen()
    const { checkpoint_id, ...place } = wirePlace(config)
    if (!checkpoint_id) throw new Error('Writes were put without a checkpoint_id.')
    const at = { ...place, checkpoint_id, task_id: taskId, run_id: this.#options.runId }
    const dispatch = prepareRequest(this.#options.sent, {
      encode: (sink) => writes.map(([channel, value], index): CheckpointWrite => ({ idx: WRITES_IDX_MAP[channel] ?? index, channel, value: encodeValue(value, sink) })),
      send: (encoded, payload) => this.#write('checkpoint.writes', { ...at, writes: encoded, sync: this.#options.sync }, payload),
    })
    const isThere = this.#order.isKnown(place.checkpoint_ns, checkpoint_id)
    await this.#track(isThere ? this.#afterHeld(dispatch) : this.#order.mayFollow(place.checkpoint_ns, checkpoint_id).then((may) => may ? this.#afterHeld(dispatch) : undefined))
  }

  /** The pipe keeps order: what is held goes first. */
  #afterHeld(dispatch: () => Promise<void>): Promise<void> {
    this.#held?.release()
    return dispatch()
  }

  /** Sends the view of a checkpoint that has been sent already. */
  async describe(checkpointNs: string, checkpointId: string, threadId: string, encode: EncodeView): Promise<void> {
    const { connection, sent, sync } = this.#options
    await prepareRequest(sent, {
      encode: (sink): CheckpointView => ({ ...encode(sink), thread_id: threadId, checkpoint_ns: checkpointNs, checkpoint_id: checkpointId }),
      send: (view, payload) => connection.request<Missing>('checkpoint.describe', { ...view, sync }, payload),
    })()
  }

  async deleteThread(threadId: string): Promise<void> {
    this.#assertOpen()
    await this.#track(this.#options.connection.request('checkpoint.delete_thread', { thread_id: threadId }))
  }

  /** Resolves when nothing is under way any more; of what was put, all is committed or refused. */
  async settled(): Promise<void> {
    do await this.committed()
    while (this.#underWay.size > 0)
  }

  /** Throws when something that was put could not be kept. */
  assertKept(): void {
    if (this.#failure) throw this.#failure.error
  }

  /** Resolves when what is under way now is committed or refused. */
  async committed(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    // The checkpoint that waited for those is put in a later microtask.
    await setImmediate()
  }

  /** From now on nothing is written: what user code still does after its run has ended changes nothing. */
  close(): void {
    this.#isClosed = true
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('The run has ended: its checkpoints are closed.')
    this.assertKept()
  }

  /** With `sync` resolves when the work is done; else at once, and a failure shows at the next write or at the end. */
  #track(work: Promise<unknown>): Promise<void> {
    const tracked: Promise<void> = work.then(() => {}, (error: unknown) => {
      this.#failure ??= { error }
      if (this.#options.sync) throw error
    }).finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
    if (this.#options.sync) return tracked
    return Promise.resolve()
  }

  #encodePut({ config, checkpoint, metadata, newVersions }: PutParts, sink: PieceSink, isFresh: boolean): CheckpointPut {
    const { channel_values: values, ...body } = checkpoint
    const { checkpoint_id: parentId, ...place } = wirePlace(config)
    const recall = isFresh || !parentId ? undefined : this.#memory.recall(place.checkpoint_ns, parentId)
    const stored = Object.entries(values).filter(([, value]) => value !== undefined)
      .map(([channel, value]) => [channel, recallUnlessNew(recall, { channel, value, newVersions, checkpoint }) ?? encodeValue(value, sink)])
    return {
      ...place, checkpoint_id: checkpoint.id, parent_checkpoint_id: parentId, run_id: this.#options.runId,
      metadata: metadataOf(config, metadata), body: plainJson(body) as Record<string, unknown>, channels: Object.fromEntries(stored) as Record<string, string>,
    }
  }

  #remember({ config, checkpoint: { id, channel_values: values, channel_versions: versions } }: PutParts, channels: CheckpointPut['channels']): void {
    const { checkpoint_ns: checkpointNs } = wirePlace(config)
    this.#memory.remember(checkpointNs, id, { values, versions, texts: channels })
    this.#options.onPut({ checkpointNs, checkpointId: id, channelValues: values, channels })
  }

  /** What nobody waits for goes out with what comes next. */
  #write(method: string, params: object, payload: Uint8Array): Promise<Missing> {
    const { connection, sync } = this.#options
    return sync ? connection.request<Missing>(method, params, payload) : connection.requestSoon<Missing>(method, params, payload)
  }

  /** Reads what the run has written, too. */
  async #ask<T>(method: string, params: object): Promise<T> {
    this.#held?.release()
    await Promise.allSettled(this.#underWay)
    return this.#options.connection.request<T>(method, params)
  }

  async #toTuples(all: readonly StoredCheckpoint[]): Promise<CheckpointTuple[]> {
    const texts = all.flatMap(({ channels, writes }) => [...Object.values(channels), ...writes.map(({ value }) => value)])
    const pieces = await piecesFor(texts, this.#options.connection, this.#options.sent)
    return all.map((stored) => this.#toTuple(stored, pieces))
  }

  #toTuple(stored: StoredCheckpoint, pieces: PieceSource): CheckpointTuple {
    const { thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id } = stored
    const read = (json: string) => this.#options.read(json, pieces)
    const values = Object.fromEntries(Object.entries(stored.channels).map(([channel, json]) => [channel, read(json)]))
    this.#order.isThere(checkpoint_ns, checkpoint_id)
    if (!stored.described && !this.#isClosed) this.#options.onPut({ checkpointNs: checkpoint_ns, checkpointId: checkpoint_id, channelValues: values, channels: stored.channels })
    this.#memory.remember(checkpoint_ns, checkpoint_id, { values, versions: (stored.body['channel_versions'] ?? {}) as ChannelVersions, texts: stored.channels })
    return {
      config: { configurable: { thread_id, checkpoint_ns, checkpoint_id } },
      checkpoint: { ...(stored.body as unknown as Checkpoint), id: checkpoint_id, channel_values: values },
      metadata: stored.metadata as unknown as CheckpointMetadata,
      pendingWrites: stored.writes.map(({ task_id, channel, value }) => [task_id, channel, read(value)]),
      ...(parent_checkpoint_id ? { parentConfig: { configurable: { thread_id, checkpoint_ns, checkpoint_id: parent_checkpoint_id } } } : {}),
    }
  }
}

interface ChannelState { readonly channel: string, readonly value: unknown, readonly newVersions: ChannelVersions, readonly checkpoint: Checkpoint }

const recallUnlessNew = (recall: Recall | undefined, { channel, value, newVersions, checkpoint }: ChannelState) =>
  channel in newVersions ? undefined : recall?.(channel, value, checkpoint.channel_versions[channel])

function wirePlace(config: RunnableConfig): { thread_id: string, checkpoint_ns: string, checkpoint_id: string | null } {
  const { thread_id, checkpoint_ns, checkpoint_id } = config.configurable ?? {}
  if (typeof thread_id !== 'string') throw new Error('A checkpoint needs a "thread_id" in its config\'s "configurable".')
  return { thread_id, checkpoint_ns: typeof checkpoint_ns === 'string' ? checkpoint_ns : '', checkpoint_id: typeof checkpoint_id === 'string' && checkpoint_id !== '' ? checkpoint_id : null }
}

/** The run's metadata goes with each checkpoint: LangGraph resumes a retried run by its `run_id`. */
function metadataOf(config: RunnableConfig, metadata: CheckpointMetadata): Record<string, unknown> {
  const own = Object.entries(config.metadata ?? {}).filter(([key]) => !PLACE_KEYS.has(key) && !key.startsWith('__'))
  return plainJson({ ...Object.fromEntries(own), ...metadata }) as Record<string, unknown>
}
