import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeEach(async () => { server = await startTestServer() })
afterEach(() => server.stop(0))

const ID = '11111111-1111-4111-8111-111111111111'

function call(method: string, path: string, options: { headers?: Record<string, string>, body?: string | Buffer } = {}): Promise<{ status: number, body: string, headers: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, server.url)
    const req = request({ host: url.hostname, port: url.port, path, method, headers: options.headers ?? {} }, (res) => {
      let body = ''
      res.on('data', (chunk: Buffer) => { body += chunk.toString() })
      res.on('end', () => resolve({ status: res.statusCode!, body, headers: res.headers as Record<string, string> }))
    })
    req.on('error', reject)
    req.end(options.body)
  })
}
const json = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(method, path, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

describe('who may call', () => {
  test.each(['evil.example', 'evil.example:2024', 'localhost.evil.example', '127.0.0.1.nip.io', 'a b'])('host %j is refused before anything else', async (host) => {
    const answer = await call('GET', '/ok', { headers: { host } })
    expect([400, 403]).toContain(answer.status)
  })
  test.each(['localhost:1', '127.0.0.1', '[::1]:2024', 'app.localhost'])('host %j is let in', async (host) =>
    expect((await call('GET', '/ok', { headers: { host } })).status).toBe(200))

  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'chrome-extension://abc'])('a page of %s can not run an agent', async (origin) => {
    const answer = await json('POST', '/runs/wait', { assistant_id: 'agent' }, { origin })
    expect(answer.status).toBe(403)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    expect((await call('OPTIONS', '/runs/wait', { headers: { origin, 'access-control-request-method': 'POST' } })).status).toBe(403)
  })
  test('a page of this machine may, and is named, never a star', async () => {
    const answer = await json('POST', '/threads', {}, { origin: 'http://localhost:3000' })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:3000')
    expect(answer.headers['access-control-expose-headers']).toMatch(/content-location/i)
  })
  test('the private network preflight of an allowed page is answered', async () => {
    const answer = await call('OPTIONS', '/threads', { headers: { 'origin': 'http://localhost:3000', 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' } })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-private-network']).toBe('true')
  })
  test('a foreign page\'s image can not read', async () =>
    expect((await call('GET', `/threads/${ID}`, { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } })).status).toBe(403))
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])('a body of %s is refused', async (type) =>
    expect((await call('POST', '/runs/wait', { headers: { 'content-type': type }, body: '{"assistant_id":"agent"}' })).status).toBe(415))
})

describe('with a token', () => {
  beforeEach(async () => {
    await server.stop(0)
    server = await startTestServer({ guard: { hosts: [], origins: [], originPattern: null, token: 'secret' } })
  })
  test('nothing but /ok answers without it', async () => {
    expect((await call('GET', '/ok')).status).toBe(200)
    expect((await call('GET', '/info')).status).toBe(401)
    expect((await call('GET', '/studio/api/project')).status).toBe(401)
    expect((await call('GET', '/studio/%61pi/project')).status).toBe(401)
    const refused = await call('GET', '/info', { headers: { origin: 'http://localhost:3000' } })
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, 'http://localhost:3000'])
    expect((await call('GET', '/info', { headers: { 'x-api-key': 'secret' } })).status).toBe(200)
    expect((await call('GET', '/info', { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
    expect((await call('GET', '/info', { headers: { 'x-api-key': 'secrets' } })).status).toBe(401)
  })
})

describe('bad input gets a clear answer', () => {
  test.each([
    ['POST', '/threads', '{"thread_id": 5}', 422, /thread_id/],
    ['POST', '/threads', '{"thread_id": "../x"}', 422, /uuid/],
    ['POST', '/threads', '{"if_exists": "maybe"}', 422, /"raise", "do_nothing"/],
    ['POST', '/threads', '{"metadata": ', 422, /not valid JSON.*Unexpected end/],
    ['POST', '/threads', '{"metadata": {"__proto__": {"x": 1}}}', 422, /__proto__/],
    ['POST', '/runs/wait', '{}', 422, /assistant_id/],
    ['POST', '/runs/wait', '{"assistant_id": "agent", "stream_mode": "holograms"}', 422, /stream_mode/],
    ['POST', '/runs/wait', '{"assistant_id": "nobody"}', 404, /Assistant not found/],
    ['POST', '/runs/wait', '{"assistant_id": "agent", "config": {"configurable": {"a": 1}}, "context": {"a": 1}}', 400, /both/],
    ['POST', `/threads/${ID}/runs`, '{"assistant_id": "agent"}', 404, /Thread with ID/],
    ['POST', `/threads/${ID}/runs/wait`, '{"assistant_id": "agent", "if_not_exists": "create", "checkpoint_id": "nope"}', 404, /Checkpoint/],
    ['PUT', '/store/items', '{"namespace": [], "key": "k", "value": {}}', 422, /namespace/],
    ['PUT', '/store/items', '{"namespace": ["a.b"], "key": "k", "value": {}}', 422, /namespace/],
    ['PUT', '/store/items', '{"namespace": ["langgraph"], "key": "k", "value": {}}', 422, /reserved/],
    ['PUT', '/store/items', '{"namespace": ["a"], "key": "k\\u0000", "value": {}}', 422, /key/],
    ['POST', '/threads/search', '{"limit": 0}', 422, /limit/],
    ['POST', '/threads/search', '{"offset": 1e300}', 422, /offset/],
    ['POST', '/runs', '{"assistant_id": "agent", "after_seconds": 1e300}', 422, /after_seconds/],
    ['POST', '/runs/batch', '[]', 422, /body/],
    ['POST', '/runs/batch', '{"assistant_id": "agent"}', 422, /array/],
    ['POST', '/runs/batch', '[{"assistant_id": "agent"}, {"assistant_id": "nobody"}]', 404, /Assistant not found/],
    ['POST', '/runs/batch', '[{"assistant_id": "agent"}, 5]', 422, /1/],
    ['POST', '/threads', `{"metadata": {"a": ${'['.repeat(600)}${']'.repeat(600)}}}`, 422, /levels deep/],
    ['POST', '/threads', '{"thread_id": "urn:uuid:11111111-1111-4111-8111-111111111111"}', 422, /thread_id/],
    ['POST', '/assistants', '{"graph_id": "nope"}', 404, /langgraph.json has: agent/],
  ])('%s %s %s', async (method, path, body, status, detail) => {
    const answer = await call(method, path, { headers: { 'content-type': 'application/json' }, body })
    expect(answer.status).toBe(status)
    expect((JSON.parse(answer.body) as { detail: string }).detail).toMatch(detail)
  })
  test.each(['/threads/nope', '/threads/..%2F..%2Fetc', `/threads/${ID}%00`, `/threads/${ID}/runs/x`, `/threads/${ID}/state/a%2Fb`, '/assistants/a%5Cb', '/%ff'])('GET %s is no 5xx', async (path) => {
    const { status, body } = await call('GET', path)
    expect([400, 404, 422]).toContain(status)
    expect(JSON.parse(body)).toHaveProperty('detail')
  })
  test('a delay need not be whole milliseconds', async () =>
    expect((await json('POST', '/runs', { assistant_id: 'agent', after_seconds: 1000.0015 })).status).toBe(200))
  test('a HEAD is no stream', async () => expect((await call('HEAD', '/studio/api/events')).status).toBe(404))
  test('unknown keys are ignored', async () =>
    expect((await json('POST', '/threads', { streamMode: 'values', whatever: [1] })).status).toBe(200))
  test('an unknown path says so', async () => expect((await call('GET', '/nothing')).status).toBe(404))
})
