import { duplexPair } from 'node:stream'
import * as documents from '@langchain/core/documents'
import * as messages from '@langchain/core/messages'
import * as langgraph from '@langchain/langgraph'
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint'
import { deltaChannelHistoryTests, validate } from '@langchain/langgraph-checkpoint-validation'
import * as vitest from 'vitest'
import { PLAIN_STORE } from '../../domain/store-config.ts'
import { systemClock } from '../../engine/clock.ts'
import type { WorkerServices } from '../../engine/graph-worker.ts'
import { createItemMemory } from '../../engine/item-memory.ts'
import { createWorkerServices } from '../../engine/worker-services.ts'
import { createSqliteStorage } from '../../storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { threadRow } from '../../storage/testing/rows.ts'
import { connect } from '../connection.ts'
import { serveWorkerRequests } from '../worker-services.ts'
import { CheckpointClient } from './checkpoint-client.ts'
import { createCheckpointer } from './checkpointer.ts'
import { createLiveReader } from './live-values.ts'
import { createSentPieces } from './sent-pieces.ts'
import type { UserLangGraph } from './user-langgraph.ts'

const copy = { ...langgraph, version: null, messageReducers: [], messages, documents, schemaReaders: {}, toJsonSchema: undefined } as unknown as UserLangGraph

/**
 * What the suite asks for and we do on purpose in another way, as LangGraph's own MemorySaver does. A checkpoint
 * names every value that LangGraph hands over, also one without a new version: `updateState` and a graph whose
 * channels changed between two deployments bring such values, and leaving them out loses them. Storing them
 * costs nothing, since an equal value is the same piece.
 */
const BY_DESIGN = ['should only store channel_values that have changed (based on newVersions)']

type Test = Parameters<typeof vitest.it>

/** The suite takes vitest's functions from the global scope. */
const it = new Proxy(vitest.it, { apply: (run, _self, test: Test) => (BY_DESIGN.includes(String(test[0])) ? vitest.it.fails : run)(...test) })
Object.assign(globalThis, vitest, { it, test: it })

/** On the platform a run's thread is there before its first checkpoint; the suite makes none. */
function withThreads(storage: Storage, services: WorkerServices): WorkerServices {
  return {
    ...services,
    async putCheckpoint(put, pieces, sync) {
      await storage.threads.insert(threadRow(put.thread_id))
      return await services.putCheckpoint(put, pieces, sync)
    },
  }
}

const closing = new WeakMap<BaseCheckpointSaver, () => Promise<void>>()

/** The checkpointer as a run has it: a connection between, SQLite behind. */
const initializer = {
  checkpointerName: 'the checkpointer over SQLite',
  createCheckpointer() {
    const storage = createSqliteStorage(':memory:')
    const memory = createItemMemory({ items: storage.items, runtime: { embed: () => Promise.reject(new Error('There is no index.')) }, clock: systemClock, config: PLAIN_STORE, tell: () => undefined })
    const [here, there] = duplexPair()
    const services = createWorkerServices({ storage, memory, clock: systemClock, log: () => undefined, onError: () => undefined })
    connect(there, { requests: serveWorkerRequests(withThreads(storage, services)) })
    const sent = createSentPieces()
  const client = new CheckpointClient({ connection: connect(here, {}), sent, read: createLiveReader(copy, sent.encodings), runId: null, sync: true, onPut: () => undefined })
    const checkpointer = createCheckpointer(copy, client)
    closing.set(checkpointer, () => storage.close())
    return checkpointer
  },
  destroyCheckpointer: async (checkpointer: BaseCheckpointSaver) => await closing.get(checkpointer)!(),
}

validate(initializer)
deltaChannelHistoryTests(initializer)
