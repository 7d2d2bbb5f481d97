import { setSourceMapsSupport } from 'node:module'
import { Socket } from 'node:net'
import { serveDoor } from './door.ts'
import { endWithParent } from './end-with-parent.ts'
import { markOutput } from './mark-output.ts'
import { endRunsOnUncaughtErrors } from './run-scope.ts'
import { serveWorker } from './worker.ts'

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

const serve = process.argv[2] === 'door' ? serveDoor : serveWorker
serve(new Socket({ fd, readable: true, writable: true }), () => process.exit(0))
