import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ThreadTtl } from './contract/thread.ts'
import { MOST_ATTEMPTS } from './domain/run-attempts.ts'
import { PLAIN_STORE, type StoreConfig } from './domain/store-config.ts'
import type { HeaderRules } from './domain/configurable-headers.ts'
import { DEFAULT_WEBHOOK_RULES, type WebhookRules } from './domain/webhook-rules.ts'
import { stamp, systemClock, type Clock } from './engine/clock.ts'
import { createCronTicker } from './engine/cron-ticker.ts'
import { createEventLog } from './engine/event-log.ts'
import type { GraphRuntime, LogLine } from './engine/graph-worker.ts'
import { createHousekeeping } from './engine/housekeeping.ts'
import { createItemMemory } from './engine/item-memory.ts'
import { createLogRing } from './engine/log-ring.ts'
import { recoverOrphans } from './engine/recover.ts'
import { createRunLifecycle } from './engine/run-lifecycle.ts'
import { createRunQueue } from './engine/run-queue.ts'
import { createThreadFeed } from './engine/thread-feed.ts'
import { createThreadLog } from './engine/thread-log.ts'
import { createWebhookQueue } from './engine/webhook-queue.ts'
import type { UiBundler } from './engine/ui-bundler.ts'
import type { UserDoor } from './engine/user-door.ts'
import { createWorkerServices } from './engine/worker-services.ts'
import { buildApp } from './http/build-app.ts'
import { listenForCode } from './http/code-requests.ts'
import type { ApiPart } from './http/disabled-routes.ts'
import type { GuardOptions } from './http/guard.ts'
import type { SecurityDocs } from './http/openapi.ts'
import type { TypedApp } from './http/typed-app.ts'
import { createA2aService } from './services/a2a-service.ts'
import { createAccess } from './services/access.ts'
import { createUserOfCaller } from './services/user-of-caller.ts'
import { createAssistantService, type AssistantDefaults } from './services/assistant-service.ts'
import { createCronService } from './services/cron-service.ts'
import { createGraphService } from './services/graph-service.ts'
import { createItemService } from './services/item-service.ts'
import { createMetricsService } from './services/metrics-service.ts'
import { createPermissions } from './services/permissions.ts'
import { createProtocolCommands } from './services/protocol-commands.ts'
import { createProtocolService } from './services/protocol-service.ts'
import { createRunService } from './services/run-service.ts'
import { createStateService } from './services/state-service.ts'
import { createStudioService, type ProjectFacts } from './services/studio-service.ts'
import { createThreadService } from './services/thread-service.ts'
import { createThreadStreamService } from './services/thread-stream-service.ts'
import { createToolService } from './services/tool-service.ts'
import { createTransferService } from './services/transfer-service.ts'
import { createUiService } from './services/ui-service.ts'
import { createWebhookService } from './services/webhook-service.ts'
import { createPostWebhook } from './runtime/post-webhook.ts'
import { createRest, type Rest } from './runtime/trim-memory.ts'
import { createSqliteStorage } from './storage/sqlite/sqlite-storage.ts'

export interface ServerOptions {
  readonly facts: ProjectFacts
  /** The SQLite file; `:memory:` for tests. */
  readonly dataFile: string
  /** Entry file of the thread that checks and copies whole files; without one the server waits for these. */
  readonly threadEntry?: string
  readonly runtime: GraphRuntime
  readonly guard: GuardOptions
  /** Where the built Studio is. */
  readonly studioFolder: string
  readonly logger: FastifyBaseLogger
  readonly clock?: Clock
  /** Milliseconds a run may take. */
  readonly runTimeoutMs?: number
  /** How often a run is tried in all whose worker died. */
  readonly mostAttempts?: number
  /** What the system assistants of graphs are made with, by graph id. */
  readonly assistantDefaults?: AssistantDefaults
  /** Milliseconds that a finished run's events stay to be read again; two minutes unless said, the official default. */
  readonly eventRetentionMs?: number
  /** How long threads stay that say nothing else; for ever unless said. */
  readonly threadTtl?: ThreadTtl | null
  /** How long items stay, and how they are found by meaning; for ever and not at all unless said. */
  readonly store?: StoreConfig
  /** Where webhooks may go, and headers that go with each. */
  readonly webhooks?: { readonly rules: WebhookRules, readonly headers: Readonly<Record<string, string>> }
  /** Which headers of a request reach the graph. */
  readonly configurableHeaders?: HeaderRules
  /** Parts of the API that are not served. */
  readonly disabled?: readonly ApiPart[]
  /** The API is served under this path as well, like `/agents`. */
  readonly mountPrefix?: string
  /** The project's own code that stands before requests: who may do what (without it everybody may), and its routes and middleware. */
  readonly door?: UserDoor | null
  /** Whether the Studio on this machine is let in without asking the project's auth code; it is unless said. */
  readonly trustsStudio?: boolean
  /** How clients say who they are to the auth code; for `/openapi.json` alone. */
  readonly securityDocs?: SecurityDocs | null
  /** Whether the project's app comes before anybody is asked who it is. */
  readonly isAppFirst?: boolean
  /** The socket at which the project's own code reaches the server; without one it needs a URL. */
  readonly loopback?: string | null
  /** The components that its graphs show. */
  readonly ui?: UiBundler | null
  readonly bodyLimit?: number
  readonly emitEnd?: boolean
  /** Gives memory back that nobody needs; a server inside another program leaves that to it. */
  readonly trimMemory?: () => void
  /** What the graphs print; the log takes it when nobody else does. */
  readonly onGraphOutput?: (line: LogLine) => void
}

export interface PlatformServer {
  readonly app: TypedApp
  /** Resolves when the first worker is ready, or has failed and the reason is in the project's status. */
  start(): Promise<void>
  /** Takes no more work, waits up to `graceMs` for what runs, and leaves the rest to the next start. */
  stop(graceMs: number): Promise<void>
}

const HOUR_MS = 3_600_000
/** Without a run for this long the server gives memory back. */
const REST_MS = 2_000
const SWEEP_MS = 60_000
const SLICE_MS = 5

/** The one place that knows every part and puts them together. */
export async function createServer(options: ServerOptions): Promise<PlatformServer> {
  const { runtime, logger, facts } = options
  const clock = options.clock ?? systemClock
  const mostAttempts = options.mostAttempts ?? MOST_ATTEMPTS
  const storage = createSqliteStorage(options.dataFile, { tell: (text) => logger.warn(text), ...(options.threadEntry ? { threadEntry: options.threadEntry } : {}) })
  const ttl = options.threadTtl ?? null
  const feed = createThreadFeed()
  const log = createEventLog(storage)
  const threadLog = createThreadLog({ storage, log, feed })
  const logs = createLogRing()
  const reportBug = (error: unknown, context: Record<string, unknown>) => logger.error({ err: error, ...context }, 'Unexpected error')

  const metrics = createMetricsService({ storage, runtime, clock })
  const { door = null, loopback = null } = options
  const { headers, ...webhookOptions } = options.webhooks ?? { rules: DEFAULT_WEBHOOK_RULES, headers: {} }
  const rules = { ...webhookOptions.rules, hasApp: Boolean(door?.app) }
  const webhookQueue = createWebhookQueue({ storage, clock, post: createPostWebhook({ rules, headers, loopback, userAgent: `superstep/${facts.version}` }), reportBug })
  const webhooks = createWebhookService({ storage, queue: webhookQueue, clock, rules })
  const lifecycle = createRunLifecycle({ onEnd: metrics.runEnded, storage, runtime, log, feed, webhooks: webhookQueue, clock, reportBug, mostAttempts, timeoutMs: options.runTimeoutMs ?? HOUR_MS, emitEnd: options.emitEnd ?? false })
  const queue = createRunQueue({ storage, runtime, lifecycle, clock, reportBug: (error) => reportBug(error, { part: 'queue' }), onIdle: () => rest.stir() })
  const rest: Rest = createRest(REST_MS, queue.isIdle, options.trimMemory ?? (() => {}))
  const assistants = createAssistantService({ storage, runtime, clock, defaults: options.assistantDefaults ?? {}, deleteThread: (threadId) => threads.delete(threadId) })
  const states = createStateService({ storage, runtime, clock, feed })
  const runs = createRunService({ storage, assistants, states, queue, lifecycle, log, threadLog, feed, clock, ttl, onEnd: metrics.runEnded, webhooks, webhookQueue, headerRules: options.configurableHeaders })
  const memory = createItemMemory({ items: storage.items, runtime, clock, config: options.store ?? PLAIN_STORE, tell: (text) => logger.warn(text) })
  const threads = createThreadService({ storage, states, feed, clock, ttl, stopRunsOf: runs.cancelAll, dropRun: runs.drop })
  const crons = createCronService({ storage, assistants, threads, runs, clock, webhooks, wake: () => ticker.wake() })
  const ticker = createCronTicker({ storage, clock, fire: crons.fire, reportBug: (error) => reportBug(error, { part: 'crons' }) })

  const graphs = createGraphService({ assistants, runtime })
  const protocol = createProtocolService({ storage, threadLog, clock })

  const access = door?.auth ? createAccess(door.auth) : null

  const app = await buildApp({
    auth: access ? { access, trustsStudio: options.trustsStudio ?? true, permissions: createPermissions({ access, storage, assistants }) } : null,
    projectApp: door?.app ? { address: door.app.address, isFirst: options.isAppFirst ?? false } : null,
    userOf: createUserOfCaller(storage),
    assistants, threads, states, runs, crons, graphs, webhooks,
    protocol, commands: createProtocolCommands({ storage, runs, states, protocol }),
    threadStreams: createThreadStreamService({ storage, threadLog }),
    tools: createToolService({ assistants, graphs, runs }),
    a2a: createA2aService({ storage, assistants, graphs, runs, states, clock }),
    items: createItemService({ memory }),
    ui: createUiService({ assistants, ui: options.ui ?? null }),
    transfer: createTransferService({ storage, feed, clock, dataDir: facts.data_dir }),
    studio: createStudioService({ storage, runtime, facts, feed, logs }),
    feeds: { onProject: (listener) => runtime.onStatus(listener), onThread: feed.subscribe, onLog: logs.onLine },
    guard: options.guard, securityDocs: options.securityDocs ?? null, disabled: options.disabled ?? [], mountPrefix: options.mountPrefix ?? '',
    system: { version: facts.version, langgraphVersion: () => runtime.status().langgraph_version, ping: storage.ping, metrics },
    studioFolder: options.studioFolder,
    logger,
    explain: storage.explain,
    bodyLimit: options.bodyLimit ?? 300 * 1024 * 1024,
  })

  const logGraphOutput: NonNullable<ServerOptions['onGraphOutput']> = ({ level, text, run_id, node }) => logger[level]({ run_id: run_id ?? undefined, node: node ?? undefined, from: 'graph' }, text)
  const takeLine = (line: LogLine) => {
    logs.add(line, stamp(clock))
    ;(options.onGraphOutput ?? logGraphOutput)(line)
  }

  let stopWatching = () => {}
  const reportChore = (error: unknown) => reportBug(error, { part: 'housekeeping' })
  const sweeping = createHousekeeping({
    clock, everyMs: SWEEP_MS, reportBug: reportChore,
    work: async (goOn) => {
      await threads.expire()
      await memory.expire(goOn)
      await storage.events.expire(new Date(clock.now() - (options.eventRetentionMs ?? 2 * SWEEP_MS)).toISOString())
      await webhooks.expire()
      // Pauses between the slices: requests that wait have their turn.
      while (goOn() && await storage.maintain(SLICE_MS)) await delay(SLICE_MS)
    },
  })
  // Apart: it waits for a worker.
  const indexing = createHousekeeping({ clock, everyMs: SWEEP_MS, atStart: true, work: memory.catchUp, reportBug: reportChore })

  return {
    app,
    start: async () => {
      if (loopback !== null) await listenForCode(app, loopback)
      const doorOpened = door?.start()
      const orphans = await recoverOrphans({ storage, lifecycle, clock, mostAttempts, reportBug })
      if (orphans) logger.warn({ runs: orphans }, 'Runs that a stopped server left behind go on')
      stopWatching = runtime.onStatus(() => void assistants.ensureSystemAssistants().catch((error: unknown) => reportBug(error, {})))
      const starting = runtime.start(createWorkerServices({ storage, memory, clock, log: takeLine, onError: (error, doing) => logger.warn({ err: error }, doing) }))
      await assistants.ensureSystemAssistants()
      await assistants.applyDefaults()
      await Promise.all([starting, doorOpened])
      queue.wake()
      ticker.wake()
      webhookQueue.wake()
      rest.stir()
      indexing.start()
      sweeping.start()
    },
    stop: async (graceMs) => {
      const chores = [ticker, webhookQueue, sweeping, indexing].map((chore) => chore.stop())
      queue.stop()
      lifecycle.beginShutdown()
      stopWatching()
      await Promise.all([runtime.stop(graceMs), door?.stop(), options.ui?.stop()])
      await queue.drained()
      await app.close()
      await Promise.all(chores)
      metrics.close()
      await storage.close()
    },
  }
}

export const databaseIn = (dataDir: string): string => join(dataDir, 'superstep.db')
