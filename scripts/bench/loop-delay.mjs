// Preloaded into the server with --import: how late its event loop is. SIGUSR2 writes p50, p99 and the most in ms to the file that
// SUPERSTEP_BENCH_LOOP names, and starts afresh. Workers inherit the option; it is only for the server.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 5
const file = process.env.SUPERSTEP_BENCH_LOOP

if (file && process.argv[1]?.endsWith('cli.js')) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  process.on('SIGUSR2', () => {
    // The histogram holds the whole time between two beats.
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
    writeFileSync(file, JSON.stringify({ p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), most: late(delays.max) }))
    delays.reset()
  })
}
