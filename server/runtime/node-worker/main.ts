import { setSourceMapsSupport } from 'node:module'
import { Socket } from 'node:net'
import { endWithParent } from './end-with-parent.ts'
import { markOutput } from './mark-output.ts'
import { endRunsOnUncaughtErrors } from './run-scope.ts'

/**
 * The worker process: user code runs here and only here. The server talks to it over the pipe whose number is
 * in SUPERSTEP_FD; when the pipe ends, so does the process. Packages' own maps are left alone: reading them all
 * takes longer than the rest of the start.
 */
setSourceMapsSupport(true, { nodeModules: false })

markOutput()
endRunsOnUncaughtErrors()

// Ctrl+C in a terminal reaches the whole group: when and how to end is the server's decision.
process.on('SIGINT', () => undefined)

endWithParent()

const fd = Number(process.env['SUPERSTEP_FD'] ?? 3)
// The process's stdin may be the user's terminal, its stdout is the user's own: only the pipe is ours.
delete process.env['SUPERSTEP_FD']

/** What the process is for. It loads what that takes, no more. */
const ROLES = {
  graphs: async () => (await import('./worker.ts')).serveWorker,
  door: async () => (await import('./door.ts')).serveDoor,
  types: async () => (await import('../type-reader/serve-types.ts')).serveTypes,
}

const role = process.argv[2] === 'door' || process.argv[2] === 'types' ? process.argv[2] : 'graphs'
const serve = await ROLES[role]()
serve(new Socket({ fd, readable: true, writable: true }), () => process.exit(0))
