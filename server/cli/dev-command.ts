import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { FastifyBaseLogger } from 'fastify'
import openInBrowser from 'open'
import { pino } from 'pino'
import { createServer, databaseIn, type PlatformServer } from '../create-server.ts'
import { createLoopbackPath } from '../runtime/loopback-path.ts'
import { createNodeDoor } from '../runtime/node-door.ts'
import { createNodeRuntime } from '../runtime/node-runtime.ts'
import { createNodeUiBundler } from '../runtime/node-ui-bundler.ts'
import { trimMemory } from '../runtime/trim-memory.ts'
import type { GraphRuntime } from '../engine/graph-worker.ts'
import type { UserDoor } from '../engine/user-door.ts'
import { lockDataDir } from '../storage/sqlite/lock-data-dir.ts'
import { listen } from './listen.ts'
import { readProject, type ProjectConfig } from './read-project.ts'

interface DevOptions {
  config: string, host: string, port: number, browser: boolean, reload: boolean, dataDir?: string
  nJobsPerWorker: number, workers: number, maxWorkerMemory?: number, blockedAfter: number, inspect?: number, logLevel: string, allowOrigin: string[], allowHost: string[], jsonReady?: true
}

/** Where the running program lies. */
export interface Installation {
  /** The package's root: package.json, out/renderer. */
  readonly appDir: string
  /** The graph worker's entry file. */
  readonly workerEntry: string
  /** The entry file of the thread that reads whole files. */
  readonly threadEntry: string
}

/** Milliseconds that Ctrl+C waits for running graphs; what has not ended goes on at the next start. */
const GRACE_MS = Number(process.env['BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS'] ?? 5) * 1000

function wholeNumber(lowest: number, highest: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < lowest || value > highest) throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`)
    return value
  }
}

/** Whom only this machine reaches may send to it. */
const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.')

const LEAST_MB = 256
const MOST_MB = 2048
/** Generous to a graph, but all workers together leave a quarter of the machine to the rest of it. */
const defaultMemoryMb = (workers: number): number => Math.min(MOST_MB, Math.max(LEAST_MB, Math.floor(totalmem() / 1024 / 1024 * 0.75 / workers)))

const collect = (value: string, previous: string[]) => [...previous, value]

export function addDevCommand(program: Command, installation: Installation): void {
  program.command('dev')
    .description('Serve a LangGraph project on this machine: the Agent Server API and the Studio. State is kept in SQLite.')
    .option('-c, --config <file>', 'the langgraph.json (or its folder)', 'langgraph.json')
    .option('-h, --host <name>', 'the address to listen on', '127.0.0.1')
    .option('-p, --port <number>', 'the port; when left out a taken one moves on to the next', wholeNumber(0, 65535), 2024)
    .option('--no-browser', 'do not open the Studio in the browser')
    .option('--no-reload', 'do not watch the graphs\' files')
    .option('--data-dir <folder>', 'where threads, runs and checkpoints are kept (default: .superstep beside langgraph.json)')
    .option('-n, --n-jobs-per-worker <number>', 'runs that one worker has at a time', wholeNumber(1, 10_000), 10)
    .option('--workers <number>', 'worker processes: one less than the machine has cores', wholeNumber(1, 256), Math.max(1, availableParallelism() - 1))
    .option('--max-worker-memory <MB>', 'what one worker may take before it is ended (default: 2048, or less where the machine has less than that for each worker)', wholeNumber(128, 1_000_000))
    .option('--blocked-after <seconds>', 'how long a graph may keep its worker\'s event loop from turning before new runs go elsewhere', wholeNumber(1, 86_400), 10)
    .option('--inspect <port>', 'let a debugger attach to the first worker on this port, to the second on the next one, and so on', wholeNumber(0, 65535))
    .addOption(new Option('--log-level <level>', 'what to log').choices(['debug', 'info', 'warn', 'error', 'silent']).default('warn'))
    .option('--allow-origin <origin>', 'let pages of this origin call the server (repeatable; loopback pages may always)', collect, [])
    .option('--allow-host <name>', 'a further host name that the server may be addressed by (repeatable)', collect, [])
    .addOption(new Option('--json-ready', 'print one JSON line when ready, for programs that start this one').hideHelp())
    .helpOption('--help', 'show this help')
    .action((options: DevOptions, command: Command) => dev(options, installation, command.getOptionValueSource('port') === 'cli'))
}

async function dev(options: DevOptions, installation: Installation, isPortExplicit: boolean): Promise<void> {
  const version = versionOf(installation)
  const token = process.env['SUPERSTEP_TOKEN'] || null
  // The worker is user code: it has no business with the token.
  delete process.env['SUPERSTEP_TOKEN']
  const project = readProject(options.config, process.env)
  const { http } = project
  const dataDir = resolve(options.dataDir ?? join(project.folder, '.superstep'))
  const lock = lockDataDir(dataDir)
  const logger: FastifyBaseLogger = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: true }))
  const loopback = createLoopbackPath()
  process.once('exit', loopback.remove)
  const workers = workersOf(project, options, installation, { loopback: loopback.path, logger })
  const runtime = createRuntime(project, options, workers)
  const door = createDoor(project, workers)
  try {
    const server = await createServer({
      runtime, logger, door, loopback: loopback.path, trustsStudio: project.auth?.trustsStudio ?? true, securityDocs: project.auth?.docs ?? null, isAppFirst: http.isAppFirst,
      facts: { name: project.name, folder: project.folder, config_path: project.configPath, data_dir: dataDir, version },
      dataFile: databaseIn(dataDir),
      threadEntry: installation.threadEntry,
      trimMemory,
      studioFolder: studioFolderOf(installation),
      guard: { hosts: [options.host, ...options.allowHost], origins: [...http.origins, ...options.allowOrigin], originPattern: http.originPattern, cors: http.cors, token },
      configurableHeaders: http.configurableHeaders, disabled: http.disabled, mountPrefix: http.mountPrefix,
      // As it would look without a server between: a person who prints from a node wants to see it here.
      onGraphOutput: ({ text }) => void process.stderr.write(`${text}\n`),
      threadTtl: project.threadTtl,
      store: project.store,
      ui: createNodeUiBundler({ projectDir: project.folder, ...project.ui, reload: options.reload, log: ({ level, msg }) => logger[level](msg) }),
      webhooks: { ...project.webhooks, rules: { ...project.webhooks.rules, disableLoopback: project.webhooks.rules.disableLoopback ?? !isLoopback(options.host) } },
      runTimeoutMs: Number(process.env['BG_JOB_TIMEOUT_SECS'] ?? 3600) * 1000,
      eventRetentionMs: Number(process.env['RESUMABLE_STREAM_TTL_SECONDS'] ?? 120) * 1000,
    })
    stopOnSignals(server, lock.release)
    const starting = server.start()
    const port = await listen(server.app, { host: options.host, port: options.port, isExplicit: isPortExplicit })
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
    lock.announce(url)
    if (port !== options.port && options.port !== 0) console.error(`Port ${options.port} is in use, so this server took ${port}.`)
    await starting
    announceReady({ url, project, dataDir, runtime, token, version, jsonReady: options.jsonReady ?? false })
    if (options.browser) showStudio(url, installation)
  } catch (error) {
    await Promise.all([runtime.stop(0), door?.stop()])
    lock.release()
    throw error
  }
}

/** What all processes with the project's code have in common. */
const workersOf = (project: ProjectConfig, options: DevOptions, { appDir, workerEntry }: Installation, { loopback, logger }: { loopback: string, logger: FastifyBaseLogger }) => ({
  projectDir: project.folder, appDir, configFiles: project.watched, env: project.env, loopback, workerEntry, reload: options.reload,
  maxWorkerMemoryMb: options.maxWorkerMemory ?? defaultMemoryMb(options.workers), blockedAfterMs: options.blockedAfter * 1000,
  log: ({ level, msg, ...fields }: { level: 'debug' | 'info' | 'warn' | 'error', msg: string }) => logger[level](fields, msg),
})

function createRuntime(project: ProjectConfig, options: DevOptions, workers: ReturnType<typeof workersOf>): GraphRuntime {
  return createNodeRuntime({
    ...workers, graphs: project.graphs, embed: project.store.index?.embed ?? null,
    workers: options.workers, jobsPerWorker: options.nJobsPerWorker, inspectPort: options.inspect ?? null,
    readConfig: async () => readProject(project.configPath, process.env),
  })
}

function createDoor({ auth, http }: ProjectConfig, workers: ReturnType<typeof workersOf>): UserDoor | null {
  if (!auth && !http.app) return null
  return createNodeDoor({ ...workers, auth: auth?.path ?? null, app: http.app, onOutput: ({ text }) => void process.stderr.write(`${text}\n`) })
}

interface Ready { url: string, project: ProjectConfig, dataDir: string, runtime: GraphRuntime, token: string | null, version: string, jsonReady: boolean }

function announceReady({ url, project, dataDir, runtime, token, version, jsonReady }: Ready): void {
  const studio = `${url}/studio/`
  if (jsonReady) return console.log(JSON.stringify({ ready: true, url, studio, token_required: token !== null, pid: process.pid }))
  const { graphs, error } = runtime.status()
  const loaded = graphs.filter((graph) => !graph.error).map((graph) => graph.graph_id).join(', ')
  console.log(`\n  Superstep ${version} · ${project.name}\n\n  Studio  ${studio}\n  API     ${url}\n  Data    ${dataDir}\n  Graphs  ${loaded || 'none could be loaded'}\n\n  Ready in ${Math.round(performance.now())} ms. Ctrl+C stops.\n`)
  for (const graph of graphs.filter((candidate) => candidate.error)) console.error(`  ${project.configPath} → graphs.${graph.graph_id} (${graph.path}): ${describe(graph.error!)}\n`)
  if (error && !graphs.some((graph) => graph.error)) console.error(`  The worker failed to start: ${describe(error)}\n`)
}

const studioFolderOf = ({ appDir }: Installation) => join(appDir, 'out', 'renderer')
const versionOf = ({ appDir }: Installation) => (JSON.parse(readFileSync(join(appDir, 'package.json'), 'utf8')) as { version: string }).version

function showStudio(url: string, installation: Installation): void {
  const hasScreen = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']
  if (process.env['CI'] || !hasScreen || !existsSync(studioFolderOf(installation))) return
  // Without a browser to open, the printed address is enough.
  openInBrowser(`${url}/studio/`).catch(() => {})
}

const describe = ({ message, file, line }: { message: string, file?: string, line?: number }) => `${message}${file && !message.includes(file) ? ` (${file}${line ? `:${line}` : ''})` : ''}`

function stopOnSignals(server: PlatformServer, release: () => void): void {
  let isStopping = false
  const stop = () => {
    // Asked twice: somebody is in a hurry. What was answered is committed; the next start recovers the rest.
    if (isStopping) process.exit(130)
    isStopping = true
    server.stop(GRACE_MS).then(() => {
      release()
      process.exit(0)
    }, (error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  if (process.platform === 'win32') process.on('SIGBREAK', stop)
}
