import { pathToFileURL } from 'node:url'

// Runs in the server's process, ahead of the command line it is given. The pipe to the shell ends when the shell stops the
// server and when the shell itself is gone, however that happened: either way the server shuts down in order. Windows has
// no SIGTERM to send, so the pipe is the one way that works everywhere.
//
// Ctrl+C in a terminal reaches shell and server alike, and the command line takes a second signal to mean "at once". So
// whichever of signal and pipe comes first counts, and the other is passed over.
const SIGNALS = ['SIGINT', 'SIGTERM'] as const
let isStopping = false

for (const signal of SIGNALS) {
  process.once(signal, () => {
    isStopping = true
    // Too early: nobody is there yet who would stop.
    if (process.listenerCount(signal) === 0) process.exit(0)
  })
}

process.stdin.on('error', () => {}).on('close', () => {
  if (isStopping) return
  const listeners = process.listeners('SIGTERM')
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, () => {})
  for (const listener of listeners) listener('SIGTERM')
  if (listeners.length === 1) process.exit(0)
}).resume()

const [entry] = process.argv.splice(2, 1)
// The command line expects to be the program that was started.
process.argv.splice(1, 1, entry!)
await import(pathToFileURL(entry!).href)
