// What is asked of a server again and again, the same for Superstep and the reference.
import { randomUUID } from 'node:crypto'

export const INPUT = { value: 0 }

/** Runs a graph to its end without a thread of its own. */
export const waitFor = (server, graph, input = INPUT) => server.client.json('POST', '/runs/wait', { assistant_id: graph, input })

/** Ms from sending the request to the first event; the stream is read to its end, so that runs do not overlap. */
export async function firstEvent(server, path, body) {
  const started = performance.now()
  let first = null
  await server.client.stream('POST', path, body, { onChunk: (chunk) => { if (first === null && chunk.includes('event:')) first = performance.now() - started } })
  if (first === null) throw new Error(`${path} sent no event`)
  return first
}

export const onFreshThread = (server, graph, mode = 'values') => firstEvent(server, `/threads/${randomUUID()}/runs/stream`, { assistant_id: graph, input: INPUT, if_not_exists: 'create', stream_mode: mode })
export const stateless = (server, graph, mode = 'values') => firstEvent(server, '/runs/stream', { assistant_id: graph, input: INPUT, stream_mode: mode })

/** Loads the graph and lets both sides compile what they will use. */
export async function warmUp(server, graph, count) {
  for (let n = 0; n < count; n++) await waitFor(server, graph)
}
