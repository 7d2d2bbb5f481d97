/** Under which names a door's `graphs` hold the project's code. */
export const AUTH = 'auth'
export const APP = 'http.app'

export type Graphs = Record<string, { path: string, description: string | null }>

export interface NodeRuntimeOptions {
  /** Absolute. The workers' working directory, and where their packages are looked for. */
  readonly projectDir: string
  /** Absolute. Whose node_modules has LangGraph for projects that have none. */
  readonly appDir: string
  /** Absolute paths of files that are watched too: langgraph.json, .env. */
  readonly configFiles: string[]
  readonly graphs: Graphs
  /** Who embeds texts: `provider:model`, or `./file:export` relative to the project. */
  readonly embed?: string | null
  /** The socket at which the server takes requests of the project's own code; without it `new Client()` needs a URL. */
  readonly loopback?: string | null
  /** The whole environment of the workers. */
  readonly env: Record<string, string>
  /** What the processes are for: `graphs` unless said; a `door` has the code that stands before requests. */
  readonly role?: 'graphs' | 'door'
  readonly workers: number
  /** Megabytes that one worker may take. */
  readonly maxWorkerMemoryMb: number
  /** After how much silence of its event loop a worker counts as blocked; 10,000 when absent. Nobody is asked while a debugger may be attached. */
  readonly blockedAfterMs?: number
  readonly jobsPerWorker: number
  /** Whether saving a file starts a new generation of workers. */
  readonly reload: boolean
  readonly inspectPort: number | null
  /** Absolute path of the built worker.js or of node-worker/main.ts. */
  readonly workerEntry: string
  /** The Node binary; this process's own when absent. */
  readonly nodePath?: string
  /** How long a cancelled run, and then its worker, may stay silent before it is ended by force; 5000 when absent. */
  readonly patienceMs?: number
  /** Reads graphs and environment anew before each reload; without it they stay as given. */
  readonly readConfig?: () => Promise<{ graphs: Graphs, env: Record<string, string> }>
  readonly log: (entry: { level: 'debug' | 'info' | 'warn' | 'error', msg: string } & Record<string, unknown>) => void
}
