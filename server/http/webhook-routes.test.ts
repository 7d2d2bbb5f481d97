import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop(0))

async function ask(method: string, path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, { method, ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}) })
  return { code: response.status, body: await response.json() as unknown }
}
const create = (webhook: unknown, path = '/runs') => ask('POST', path, { assistant_id: 'agent', input: {}, webhook })
const deliveries = () => ask('GET', '/studio/api/webhooks')

describe('a webhook that may not be used', () => {
  test.each([
    ['/callback', 'own app'], ['', 'not an http'], ['nonsense', 'not an http'], ['file:///etc/passwd', 'not an http'], ['//host/x', 'not an http'],
    ['http://169.254.169.254/latest', '169.254.169.254'], ['http://10.0.0.1', 'private network'], [`http://a/${'x'.repeat(2048)}`, 'longer than 2048'],
  ])('is refused as the run is created, with the reason (%.30s)', async (webhook, reason) => {
    expect(await create(webhook)).toEqual({ code: 422, body: { code: 'invalid_request', detail: expect.stringMatching(new RegExp(`^body/webhook .*${reason}`)) as string } })
  })

  test.each([[7], [{}], [true], [['http://a']]])('is no text (%j)', async (webhook) => {
    expect(await create(webhook)).toMatchObject({ code: 422, body: { detail: expect.stringContaining('webhook') as string } })
  })

  test('refuses the whole batch', async () => {
    const { code } = await ask('POST', '/runs/batch', [{ assistant_id: 'agent', webhook: 'http://127.0.0.1' }, { assistant_id: 'agent', webhook: '/x' }] as object)
    expect(code).toBe(422)
    expect(await ask('GET', '/studio/api/project')).toMatchObject({ body: { queue: { pending: 0, running: 0 } } })
  })

  test('is not null: that is none', async () => {
    expect(await create(null)).toMatchObject({ code: 200 })
    ;(await server.runtime.nextJob()).end({ status: 'success' })
    expect(await deliveries()).toEqual({ code: 200, body: { total: 0, deliveries: [] } })
  })
})

test.each([
  ['GET', '?status=lost', 'status'], ['GET', '?run_id=x', 'run_id'], ['GET', '?thread_id=%00', 'thread_id'], ['GET', '?limit=0', 'limit'], ['GET', '?limit=1001', 'limit'], ['GET', '?offset=-1', 'offset'],
  ['GET', '/x', 'delivery_id'], ['POST', '/x/resend', 'delivery_id'],
])('%s %s is refused', async (method, path, field) => {
  expect(await ask(method, `/studio/api/webhooks${path}`)).toMatchObject({ code: 422, body: { detail: expect.stringContaining(field) as string } })
})

test('a delivery that is not there is not found', async () => {
  const path = '/studio/api/webhooks/00000000-0000-4000-8000-000000000000'
  expect(await ask('GET', path)).toMatchObject({ code: 404, body: { code: 'webhook_not_found' } })
  expect(await ask('POST', `${path}/resend`)).toMatchObject({ code: 404, body: { code: 'webhook_not_found' } })
})
