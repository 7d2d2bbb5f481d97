import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemAssistantId } from '../domain/uuid5.ts'
import { createNodeUiBundler } from '../runtime/node-ui-bundler.ts'
import { createProject, writeFiles } from '../runtime/testing/harness.ts'
import type { ServerOptions } from '../create-server.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'
import { startTestServer, type TestServer } from './start-test-server.ts'

const OPEN_GUARD = { hosts: [], origins: [], originPattern: null, token: null }
const clientOf = ({ url }: { url: string }, path = '') => new Client({ apiUrl: url + path, callerOptions: { maxRetries: 0 } })
const post = (server: { url: string }, ref: string, body: unknown, headers: Record<string, string> = {}, prefix = '') =>
  fetch(`${server.url}${prefix}/ui/${ref}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

/** As it is written: `fetch` sets some headers itself, and tidies addresses. */
function get(server: { url: string }, path: string, headers: Record<string, string> = {}, { method = 'GET', body = '' } = {}): Promise<{ status: number, headers: Record<string, unknown>, text: string }> {
  return new Promise((done, fail) => {
    const { hostname, port } = new URL(server.url)
    request({ hostname, port, path, method, headers: { ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}), ...headers } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('end', () => done({ status: answer.statusCode!, headers: answer.headers, text })).on('error', fail)
    }).on('error', fail).end(body)
  })
}

describe('a project with components', () => {
  let server: ProjectServer
  beforeAll(async () => { server = await startProjectServer({}, { graphs: { forecast: { path: './forecast.ts:forecast', description: null }, slow: { path: './graph.ts:slow', description: null } } }) })
  afterAll(() => server.stop(0))

  test('gives an official client the tags that load one, by graph, assistant, or its graph\'s assistant', async () => {
    const { assistant_id } = await clientOf(server).assistants.create({ graphId: 'forecast' })
    for (const ref of ['forecast', systemAssistantId('forecast'), assistant_id]) {
      expect(await clientOf(server)['~ui'].getComponent(ref, 'waiting-room')).toBe([
        `<link rel="stylesheet" href="${server.url}/ui/forecast/entrypoint.css" />`,
        `<script src="${server.url}/ui/forecast/entrypoint.js" onload='__LGUI_forecast.render("waiting-room", "{{shadowRootId}}")'></script>`,
      ].join('\n'))
    }
    expect((await post(server, 'forecast', { name: 'forecast' })).headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  test('serves the files that they name, and tells browsers that have them so', async () => {
    const script = await fetch(`${server.url}/ui/forecast/entrypoint.js`, { headers: { origin: 'http://localhost:3000' } })
    expect(Object.fromEntries(['content-type', 'cache-control', 'access-control-allow-origin', 'x-content-type-options'].map((name) => [name, script.headers.get(name)]))).toEqual({
      'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache', 'access-control-allow-origin': 'http://localhost:3000', 'x-content-type-options': 'nosniff',
    })
    expect(await script.text()).toContain('globalThis[Symbol.for("LGUI_REQUIRE")]')
    const etag = script.headers.get('etag')!
    for (const known of [etag, `"x", W/${etag}`]) expect(await get(server, '/ui/forecast/entrypoint.js', { 'if-none-match': known })).toMatchObject({ status: 304, text: '' })
    const styles = await get(server, '/ui/forecast/entrypoint.css', { 'if-none-match': etag })
    expect([styles.status, styles.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
    expect(styles.text).toMatch(/rgb\(1, 2, 3\).*data:image\/svg\+xml/s)
  })

  test.each([
    ['slow', 'There are no components for "slow". ui in langgraph.json has: forecast.'], ['nobody', 'There are no components for "nobody"'],
    ['__proto__', 'There are no components for "__proto__"'], ['11111111-1111-4111-8111-111111111111', 'There are no components for'],
  ])('knows no %j', async (ref, detail) => {
    const answer = await post(server, ref, { name: 'forecast' })
    expect([answer.status, await answer.json()]).toEqual([404, { code: 'ui_not_found', detail: expect.stringContaining(detail) as string }])
  })

  test.each([[{}], [{ name: 5 }], [[]], ['forecast']])('a body that is %j names what is wrong', async (body) => {
    const answer = await post(server, 'forecast', body)
    expect([answer.status, await answer.json()]).toEqual([422, { code: 'invalid_request', detail: expect.stringContaining('body') as string }])
  })

  test.each([
    ['/ui/forecast/cards.tsx', 404], ['/ui/forecast/../../../package.json', 404], ['/ui/forecast/..%2f..%2fcards.css', 404], ['/ui/forecast/%2e%2e%2f%2e%2e%2fpackage.json', 404], ['/ui/forecast/..%5c..%5cpackage.json', 404],
    ['/ui/forecast/entrypoint.js%00.png', 404], ['/ui/forecast/__proto__', 404], ['/ui/forecast/constructor', 404], ['/ui/forecast/entrypoint.js/', 404], ['/ui/forecast//entrypoint.js', 404], ['/ui/forecast/', 404],
    ['/ui/..%2fforecast/entrypoint.js', 422], ['/ui/%00/entrypoint.js', 422], ['/ui/__proto__/entrypoint.js', 404], ['/ui/nobody/entrypoint.js', 404], ['/ui/forecast/%ff', 400], ['/ui/forecast/entrypoint.js?x=1', 200],
  ])('%s is answered with %i', async (path, status) => {
    const answer = await get(server, path)
    expect(answer.status).toBe(status)
    if (status !== 200) expect(JSON.parse(answer.text)).toEqual({ detail: expect.any(String) as string, code: expect.any(String) as string })
  })

  test('the graph\'s own helper streams components and keeps them in the state', async () => {
    const client = clientOf(server)
    const { thread_id } = await client.threads.create()
    const custom: unknown[] = []
    for await (const { event, data } of client.runs.stream(thread_id, 'forecast', { input: { messages: [{ type: 'human', content: 'Oslo' }] }, streamMode: ['custom', 'values'] })) if (event === 'custom') custom.push(data)
    const runs = await client.runs.list(thread_id)
    const metadata = { run_id: runs[0]!.run_id, id: 'about-Oslo' }
    expect(custom).toMatchObject([
      { type: 'ui', name: 'waiting-room', props: {} }, { type: 'ui', id: 'card-Oslo', name: 'forecast', props: { city: 'Oslo' }, metadata },
      { type: 'ui', id: 'card-Oslo', props: { degrees: 21 }, metadata: { ...metadata, merge: true } }, { type: 'remove-ui' },
    ])
    const { values } = await client.threads.getState<{ ui: unknown[] }>(thread_id)
    expect(values.ui).toMatchObject([{ type: 'ui', id: 'card-Oslo', name: 'forecast', props: { city: 'Oslo', degrees: 21 }, metadata }])
  })
})

describe('where the tags lead', () => {
  let server: TestServer
  let folder: string
  beforeEach(async () => { folder = await createProject({ 'ui.tsx': 'export default { card: () => null, ["it\'s \\"<b>&{{shadowRootId}}" + globalThis.name]: () => null }' }) })
  afterEach(() => server.stop(0))
  const start = async (change: Partial<ServerOptions> = {}, keys = ['agent']) => {
    const ui = createNodeUiBundler({ projectDir: folder, files: new Map(keys.map((key) => [key, join(folder, 'ui.tsx')])), shared: [], reload: true, log: () => {} })
    server = await startTestServer({ ui, ...change })
  }
  const tags = async (headers: Record<string, string> = {}, prefix = '', ref = 'agent') =>
    (await get(server, `${prefix}/ui/${ref}`, headers, { method: 'POST', body: '{"name":"card"}' })).text

  test('is where the client reached the server: its name, below the prefix, through a proxy', async () => {
    await start({ mountPrefix: '/agents/v1', guard: { ...OPEN_GUARD, hosts: ['studio.test'] } })
    const { port } = new URL(server.url)
    expect(await clientOf(server, '/agents/v1')['~ui'].getComponent('agent', 'card')).toContain(`src="${server.url}/agents/v1/ui/agent/entrypoint.js"`)
    expect(await tags({ host: `localhost:${port}` })).toContain(`src="http://localhost:${port}/ui/agent/entrypoint.js"`)
    expect(await tags({ 'host': 'studio.test', 'x-forwarded-proto': 'https, http' })).toContain('src="https://studio.test/ui/agent/entrypoint.js"')
    expect(await tags({ 'x-forwarded-proto': 'javascript' })).toContain('src="http://')
    expect(await tags({ host: 'localhost/"><img src=x onerror=alert(1)>' })).toMatch(/^<script src="http:\/\/localhost\/ui\/agent\/entrypoint\.js" onload='__LGUI_agent\.render\("card", "\{\{shadowRootId\}\}"\)'><\/script>$/)
    expect((await get(server, '/agents/v1/ui/agent/entrypoint.js')).status).toBe(200)
  })

  test('a name ends neither the attribute nor the text in it', async () => {
    await start()
    const name = 'it\'s "<b>&{{shadowRootId}}\u2028\\'
    const html = await clientOf(server)['~ui'].getComponent('agent', name)
    const [, handler = ''] = /^<script src="[^"<>]*" onload='([^'<>&]*)'><\/script>$/.exec(html)!
    const render = (...args: unknown[]) => args
    const [, call = ''] = /^__LGUI_agent\.render\((.*)\)$/.exec(handler.replace('{{shadowRootId}}', 'root'))!
    expect(render(...JSON.parse(`[${call}]`) as unknown[])).toEqual([name, 'root'])
  })

  test('keys of any text make addresses and names of variables', async () => {
    const keys = ['my-agent', 'it\'s "ü" {{x}}?', 'a.b']
    await start({}, keys)
    expect(await tags({}, '', 'my-agent')).toContain('__LGUI_my_agent.render(')
    for (const key of keys) {
      const html = await tags({}, '', encodeURIComponent(key))
      const src = new URL(/^<script src="([^"]*)"/.exec(html)![1]!)
      const script = await get(server, src.pathname)
      expect([key, script.status, script.text.startsWith(`var ${/onload='(\w+)\./.exec(html)![1]} = `)]).toEqual([key, 200, true])
    }
  })

  test('files need no token, what makes the tags does', async () => {
    await start({ guard: { ...OPEN_GUARD, token: 'secret' } })
    expect((await post(server, 'agent', { name: 'card' })).status).toBe(401)
    expect((await post(server, 'agent', { name: 'card' }, { 'x-api-key': 'secret' })).status).toBe(200)
    expect((await get(server, '/ui/agent/entrypoint.js')).status).toBe(200)
    expect((await get(server, '/ui/agent/none')).status).toBe(404)
  })

  test('tags of other sites load files where their pages may call the server, and nothing else', async () => {
    const tag = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    await start({ guard: { ...OPEN_GUARD, origins: ['https://chat.test'], originPattern: /^https:\/\/.*\.b\.test$/ } })
    const statuses = (path: string) => Promise.all([{}, { referer: 'https://evil.test/' }, { referer: 'https://chat.test.evil/' }, { referer: 'https://chat.test/' }, { referer: 'https://a.b.test/x' }, { referer: 'http://localhost:3000/' }].map((header) => get(server, path, { ...tag, ...header }).then(({ status }) => status)))
    expect(await statuses('/ui/agent/entrypoint.js')).toEqual([403, 403, 403, 200, 200, 200])
    expect(await statuses('/info')).toEqual([403, 403, 403, 403, 403, 403])
    expect(JSON.parse((await get(server, '/ui/agent/entrypoint.js', tag)).text)).toMatchObject({ detail: expect.stringContaining('Referer') as string })
    await server.stop(0)
    await start({ guard: { ...OPEN_GUARD, origins: ['*'] } })
    expect((await get(server, '/ui/agent/entrypoint.js', tag)).status).toBe(200)
  })

  test('sources that can\'t be built are told by file, line and column, until they are mended', async () => {
    await start()
    await clientOf(server)['~ui'].getComponent('agent', 'card')
    await writeFiles(folder, { 'ui.tsx': 'export default {\n  card: <b>\n}' })
    const problem = { code: 'ui_build_failed', detail: expect.stringMatching(/^ui\.agent of langgraph\.json can't be built: ui\.tsx:3:1: /) as string }
    for (const answer of [await post(server, 'agent', { name: 'card' }), await fetch(`${server.url}/ui/agent/entrypoint.js`)]) expect([answer.status, await answer.json()]).toEqual([422, problem])
    await writeFiles(folder, { 'ui.tsx': 'import "./a.css"\nexport default { card: () => null }', 'a.css': 'b { color: red }' })
    expect(await tags()).toContain('<link rel="stylesheet"')
  })

  test('is nowhere when they are taken away, or the project has none', async () => {
    await start({ disabled: ['ui'] })
    for (const answer of [await post(server, 'agent', { name: 'card' }), await fetch(`${server.url}/ui/agent/entrypoint.js`)]) expect([answer.status, await answer.json()]).toEqual([404, { code: 'not_found', detail: expect.stringContaining('http.disable_ui') as string }])
    await server.stop(0)
    server = await startTestServer()
    const answer = await post(server, 'agent', { name: 'card' })
    expect([answer.status, await answer.json()]).toEqual([404, { code: 'ui_not_found', detail: 'There are no components for "agent". ui in langgraph.json has: nothing.' }])
    expect((await get(server, '/ui/agent/entrypoint.js')).status).toBe(404)
  })
})

test('components are built in another process: the server answers meanwhile', async () => {
  const modules = Array.from({ length: 120 }, (_, i) => [`m${i}.ts`, `${Array.from({ length: 200 }, (_, j) => `export const v${i}_${j} = (x: number) => ({ ...{ x }, y: [x, ${j}].map((z) => z * ${i}) })`).join('\n')}\n`])
  const folder = await createProject({ ...Object.fromEntries(modules) as Record<string, string>, 'ui.ts': `${modules.map(([file], i) => `import * as m${i} from './${file!}'`).join('\n')}\nexport default { all: [${modules.map((_, i) => `m${i}`).join(', ')}] }` })
  const server = await startTestServer({ ui: createNodeUiBundler({ projectDir: folder, files: new Map([['big', resolve(folder, 'ui.ts')]]), shared: [], reload: true, log: () => {} }) })
  let isBuilt = false
  const built = post(server, 'big', { name: 'all' }).then((answer) => { isBuilt = true; return answer })
  let answers = 0
  while (!isBuilt) {
    expect((await fetch(`${server.url}/ok`)).status).toBe(200)
    answers++
  }
  expect((await built).status).toBe(200)
  expect(answers).toBeGreaterThan(5)
  await server.stop(0)
})
