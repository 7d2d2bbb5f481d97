// A process that asks a server for /ok every 10 ms, whether or not the answer before has come. `node prober.mjs <url>`; IPC: any message
// asks for the round trips so far in ms, and starts afresh.
import { createClient } from './client.mjs'

const EVERY_MS = 10
const client = createClient(process.argv[2])
let times = []
let pending = 0

setInterval(() => {
  const started = performance.now()
  pending++
  client.send('GET', '/ok').then(() => times.push(performance.now() - started), () => {}).finally(() => pending--)
}, EVERY_MS)

process.on('message', () => {
  // What is not answered yet is not left out: it is waited for.
  const mine = times
  const wait = setInterval(() => {
    if (pending > 1) return
    clearInterval(wait)
    process.send(mine)
    times = []
  }, EVERY_MS)
})
process.on('disconnect', () => process.exit(0))
