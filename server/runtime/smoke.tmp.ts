import { createNodeRuntime } from '/work/main/server/runtime/node-runtime.ts'
import { createMemoryServices } from '/work/main/server/runtime/testing/memory-services.ts'
const root = '/work/main/server/runtime'
const services = createMemoryServices()
const rt = createNodeRuntime({ projectDir: root + '/testing/fixtures/basic', appDir: '/work/main', configFiles: [], graphs: { agent: { path: './agent.ts:graph', description: null } }, env: process.env as never, workers: 1, jobsPerWorker: 10, reload: false, inspectPort: null, workerEntry: root + '/node-worker/main.ts', log: console.log })
await rt.start(services)
console.log(rt.status(), services.lines)
for (let i = 0; i < 2; i++) {
  const out = await rt.run({ run_id: crypto.randomUUID(), thread_id: 't', attempt: 1, graph_id: 'agent', assistant_id: 'a', input: { messages: [{ role: 'user', content: 'hi' }] }, command: null, checkpoint: null, config: { configurable: {}, metadata: {} }, context: null, stream_mode: ['values', 'updates', 'messages-tuple', 'messages', 'debug'], stream_subgraphs: false, interrupt_before: null, interrupt_after: null, durability: 'async' }, (f) => console.log(f.event, Buffer.from(f.data).toString().slice(0, 300)), new AbortController().signal)
  console.log(out)
}
for (const k of services.checkpoints.values()) console.log(JSON.stringify(k.put).slice(0, 300), k.view, JSON.stringify(services.valuesOf(k)).slice(0, 200))
console.log(JSON.stringify(await rt.drawGraph('agent', { xray: true, config: null })))
console.log(JSON.stringify(await rt.schemas('agent')).slice(0, 500))
console.log(services.lines)
await rt.stop(1000)
