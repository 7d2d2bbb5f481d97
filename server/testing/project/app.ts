import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { Client } from '@langchain/langgraph-sdk'
import { RemoteGraph } from '@langchain/langgraph/remote'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'

interface Auth { readonly user: { readonly identity: string }, readonly scopes: readonly string[] }
type Variables = { auth?: Auth }

/** Webhooks that came. */
const received: { body: Record<string, unknown>, as: string | null }[] = []

export const app = new Hono<{ Variables: Variables }>()
  .use('*', async (c, next) => {
    if (c.req.query('interrupt') !== undefined) return c.json({ stopped: true }, 418)
    await next()
    c.header('x-through', 'the app')
    c.header('access-control-expose-headers', 'x-through')
  })
  // As the body is read here, so it comes to the built-in route: changed.
  .use('/runs/*', async (c, next) => {
    if (c.req.method === 'POST' && c.req.header('x-rewrite')) {
      const body = await c.req.json<{ input: object }>()
      c.req.bodyCache.json = Promise.resolve({ ...body, input: { ...body.input, name: 'changed by the app' } }) as never
    }
    await next()
  })
  .get('/own', (c) => c.json({ hello: 'from the project', path: new URL(c.req.url).pathname, as: c.get('auth')?.user.identity ?? null }))
  .get('/info', (c) => c.text('the app\'s own information'))
  .post('/own/echo', async (c) => c.body(await c.req.arrayBuffer()))
  .get('/own/refused', () => { throw new HTTPException(451, { message: 'not here' }) })
  .get('/own/failing', () => { throw new Error('the app is wrong') })
  .get('/own/threads', async (c) => {
    const client = new Client()
    const thread = await client.threads.create({ metadata: { made: 'by the app' } })
    return c.json({ id: thread.thread_id, metadata: thread.metadata, found: (await client.threads.search({ metadata: { made: 'by the app' } })).length })
  })
  .get('/own/cookies', (c) => {
    c.header('set-cookie', 'a=1', { append: true })
    c.header('set-cookie', 'b=2', { append: true })
    return c.text('ok')
  })
  .get('/own/slow', (c) => {
    const { signal } = c.req.raw
    signal.addEventListener('abort', () => console.log('the client of /own/slow is gone'))
    return c.body(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('first')) }))
  })
  .post('/own/hook', async (c) => {
    received.push({ body: await c.req.json<Record<string, unknown>>(), as: c.get('auth')?.user.identity ?? null })
    return c.body(null, 204)
  })
  .get('/own/hooks', (c) => c.json(received))

/** Without Hono: what it does not know is the server's. */
export const plain = {
  fetch: async (request: Request) => new URL(request.url).pathname === '/own' ? Response.json({ body: await request.text() }) : new Response('nothing', { status: 404 }),
}

export const notAnApp = { routes: [] }

const State = Annotation.Root({ name: Annotation<string>, answer: Annotation<unknown> })

/** What it is asked it asks the server, by clients without a URL. */
export const asking = new StateGraph(State)
  .addNode('ask', async ({ name }) => {
    const client = new Client()
    if (name === 'threads') return { answer: (await client.threads.create({ metadata: { made: 'in a node' } })).metadata }
    // On a thread of its own: on that of the run which asks it would wait for it.
    if (name === 'remote') return { answer: await new RemoteGraph({ graphId: 'counter' }).invoke({ count: 2 }, { configurable: { thread_id: (await client.threads.create()).thread_id } }) }
    const modes: string[] = []
    for await (const { event } of client.runs.stream(null, 'counter', { input: { count: 1 }, streamMode: ['updates', 'custom'] })) modes.push(event)
    return { answer: modes }
  })
  .addEdge(START, 'ask')
  .addEdge('ask', END)
  .compile()
