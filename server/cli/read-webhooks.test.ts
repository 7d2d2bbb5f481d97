import { describe, expect, test } from 'vitest'
import { DEFAULT_WEBHOOK_RULES } from '../domain/webhook-rules.ts'
import { ProjectError } from './project-error.ts'
import { readWebhooks } from './read-webhooks.ts'

const read = (webhooks: unknown, http: unknown = undefined, env: Record<string, string> = {}) => readWebhooks(webhooks, http, env, '/p/langgraph.json')

describe('webhooks of a langgraph.json', () => {
  test.each([[undefined], [null], [{}], [{ url: null, headers: {}, unknown: 1 }]])('%j leaves all as it is', (webhooks) => {
    expect(read(webhooks)).toEqual({ rules: { ...DEFAULT_WEBHOOK_RULES, disableLoopback: null }, headers: {} })
  })

  test('sets every rule', () => {
    const url = { allowed_domains: ['a.com', '*.b.com'], allowed_ports: [443], require_https: true, disable_loopback: false, allow_private_networks: true, max_url_length: 100 }
    expect(read({ url }, { disable_webhooks: true }).rules).toEqual({
      isDisabled: true, allowedDomains: ['a.com', '*.b.com'], allowedPorts: [443], requireHttps: true, disableLoopback: false, allowPrivateNetworks: true, maxUrlLength: 100,
    })
  })

  test('fills headers from the environment, under the prefix that it names', () => {
    const env = { LG_WEBHOOK_TOKEN: 's3cret', HOOK_TEAM: 'a' }
    expect(read({ headers: { Authorization: 'Bearer ${{ env.LG_WEBHOOK_TOKEN }}', 'x-plain': 'y' } }, undefined, env).headers).toEqual({ Authorization: 'Bearer s3cret', 'x-plain': 'y' })
    expect(read({ env_prefix: 'HOOK_', headers: { 'x-team': '${{ env.HOOK_TEAM }}' } }, undefined, env).headers).toEqual({ 'x-team': 'a' })
  })

  test.each([
    [[], 'webhooks'], [{ url: 'x' }, 'webhooks.url'], [{ headers: ['x'] }, 'webhooks.headers'], [{ env_prefix: '' }, 'webhooks.env_prefix'], [{ env_prefix: 7 }, 'webhooks.env_prefix'],
    [{ url: { allowed_domains: 'a.com' } }, 'webhooks.url.allowed_domains'], [{ url: { allowed_domains: ['https://a.com'] } }, 'webhooks.url.allowed_domains'], [{ url: { allowed_domains: ['*'] } }, 'webhooks.url.allowed_domains'],
    [{ url: { allowed_ports: ['443'] } }, 'webhooks.url.allowed_ports'], [{ url: { allowed_ports: [0] } }, 'webhooks.url.allowed_ports'],
    [{ url: { require_https: 'yes' } }, 'webhooks.url.require_https'], [{ url: { max_url_length: 0 } }, 'webhooks.url.max_url_length'],
    [{ headers: { 'x-a': 1 } }, 'webhooks.headers.x-a'], [{ headers: { 'x a': 'b' } }, 'webhooks.headers.x a'], [{ headers: { 'x-a': 'b\r\nx-evil: 1' } }, 'webhooks.headers.x-a'], [{ headers: { 'Content-Type': 'text/plain' } }, 'webhooks.headers.Content-Type'],
    [{ headers: { 'x-a': '${{ env.HOME }}' } }, 'webhooks.headers.x-a'], [{ headers: { 'x-a': '${{ env.LG_WEBHOOK_MISSING }}' } }, 'webhooks.headers.x-a'],
  ])('%j is a mistake that names its key', (webhooks, key) => {
    expect(() => read(webhooks, undefined, { HOME: '/root' })).toThrow(ProjectError)
    expect(() => read(webhooks, undefined, { HOME: '/root' })).toThrow(`→ ${key}: `)
  })

  test('a flag of http that is none is a mistake too', () => expect(() => read({}, { disable_webhooks: 'yes' })).toThrow('http.disable_webhooks'))
  test('a secret that makes no header is not told', () => {
    const failing = () => read({ headers: { 'x-a': '${{ env.LG_WEBHOOK_X }}' } }, undefined, { LG_WEBHOOK_X: 'sec\nret' })
    expect(failing).toThrow('no valid header')
    expect(failing).not.toThrow('sec')
  })
})
