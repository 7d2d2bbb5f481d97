import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_WEBHOOK_RULES, type WebhookRules } from '../domain/webhook-rules.ts'
import { startReceiver, type Receiver } from '../testing/start-receiver.ts'
import { createPostWebhook, type Address } from './post-webhook.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.stop())

const LOOPBACK: Address = { address: '127.0.0.1', family: 4 }

function send(url: string, { rules = {}, addresses = [LOOPBACK], headers = {}, signal = new AbortController().signal }: { rules?: Partial<WebhookRules>, addresses?: Address[] | (() => Promise<Address[]>), headers?: Record<string, string>, signal?: AbortSignal } = {}) {
  const post = createPostWebhook({ rules: { ...DEFAULT_WEBHOOK_RULES, ...rules }, headers, userAgent: 'test', lookup: async () => typeof addresses === 'function' ? addresses() : addresses })
  return post({ url, delivery_id: 'd', sent_at: 1, body: '{"größe":1}' }, signal)
}
const named = () => `http://hooks.example.com:${receiver.port}/hook`

describe('a name', () => {
  test('is sent to at the address that was checked, and is what the receiver is called', async () => {
    expect(await send(named())).toEqual({ kind: 'answered', status: 200 })
    expect(receiver.received).toMatchObject([{ body: { größe: 1 }, headers: { host: `hooks.example.com:${receiver.port}` } }])
  })

  test.each([
    ['169.254.169.254', 4], ['10.0.0.1', 4], ['0.0.0.0', 4], ['::ffff:169.254.169.254', 6], ['fe80::1', 6], ['::', 6], ['fd12::1', 6],
  ] as const)('that stands for %s is refused', async (address, family) => {
    expect(await send(named(), { addresses: [{ address, family }] })).toEqual({ kind: 'refused', error: expect.stringContaining('hooks.example.com is ') as string })
  })

  test('is refused when one of its addresses is', async () => {
    expect(await send(named(), { addresses: [LOOPBACK, { address: '169.254.169.254', family: 4 }] })).toMatchObject({ kind: 'refused' })
    expect(receiver.received).toEqual([])
  })

  test('that is rebound after it was checked gains nothing: it is looked up once', async () => {
    const answers = [[LOOPBACK], [{ address: '169.254.169.254', family: 4 }]]
    expect(await send(named(), { addresses: async () => answers.shift()! })).toEqual({ kind: 'answered', status: 200 })
    expect(answers).toHaveLength(1)
  })

  test('that stands for loopback is refused where that is not allowed', async () => {
    expect(await send(named(), { rules: { disableLoopback: true } })).toMatchObject({ kind: 'refused', error: expect.stringContaining('loopback') as string })
  })

  test('that is not known has failed, and may be known later', async () => {
    expect(await send(named(), { addresses: async () => { throw Object.assign(new Error('getaddrinfo ENOTFOUND hooks.example.com'), { code: 'ENOTFOUND' }) } })).toMatchObject({ kind: 'failed', error: expect.stringContaining('ENOTFOUND') as string })
  })

  test('that nobody answers for is given up on when the attempt ends', async () => {
    const controller = new AbortController()
    const sending = send(named(), { addresses: () => new Promise(() => {}), signal: controller.signal })
    controller.abort()
    expect(await sending).toMatchObject({ kind: 'failed' })
  })
})

describe('an address', () => {
  test.each(['http://169.254.169.254', 'http://0xa9fea9fe', 'http://[::ffff:a9fe:a9fe]', 'http://0/'])('%s is refused without being asked', async (url) => {
    expect(await send(url, { addresses: () => Promise.reject(new Error('A number is not looked up.')) })).toMatchObject({ kind: 'refused' })
  })

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])('%s is sent to', async (host) => {
    expect(await send(`http://${host}:${receiver.port}/`)).toEqual({ kind: 'answered', status: 200 })
  })
})

test('a redirect, also to where nothing may be sent, is an answer and not followed', async () => {
  for (const location of [`http://127.0.0.1:${receiver.port}/next`, 'http://169.254.169.254/']) {
    receiver.answer = (response) => response.writeHead(302, { location }).end()
    expect(await send(named())).toEqual({ kind: 'answered', status: 302 })
  }
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook'])
})

test('headers of a project go along and do not take the place of the platform\'s', async () => {
  await send(named(), { headers: { 'X-Team': 'a', 'Content-Type': 'text/plain', 'Webhook-Id': 'forged' } })
  expect(receiver.received[0]!.headers).toMatchObject({ 'x-team': 'a', 'content-type': 'application/json', 'webhook-id': 'd', 'webhook-timestamp': '1', 'user-agent': 'test', 'content-length': '13' })
})

test('the name and password of a URL are sent as such', async () => {
  await send(`http://ada:secret@127.0.0.1:${receiver.port}/`)
  expect(receiver.received[0]!.headers.authorization).toBe(`Basic ${btoa('ada:secret')}`)
})

test('what is no HTTP has failed with a reason', async () => {
  const server = createTcpServer((socket) => socket.end('no such thing\r\n\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  expect(await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).toMatchObject({ kind: 'failed', error: expect.stringMatching(/./) as string })
  server.close()
})

test('plain HTTP where TLS is spoken, and the other way round, has failed', async () => {
  expect(await send(`https://127.0.0.1:${receiver.port}/`)).toMatchObject({ kind: 'failed', error: expect.stringMatching(/./) as string })
})
