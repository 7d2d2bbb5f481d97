import { once } from 'node:events'
import { join } from 'node:path'
import { end, start } from './processes.mjs'

/** Round trips of GET /ok, measured from a process that has nothing else to do: `ask` gives those since it was asked last, in ms. */
export function startProber(server) {
  const program = start(process.execPath, [join(import.meta.dirname, 'prober.mjs'), server.client.base], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  return {
    ask: async () => {
      program.child.send('tell')
      const [times] = await once(program.child, 'message')
      return times
    },
    end: () => end(program),
  }
}
