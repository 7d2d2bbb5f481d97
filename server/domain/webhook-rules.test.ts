import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_WEBHOOK_RULES, refuseAddress, refuseUrl, type WebhookRules } from './webhook-rules.ts'

const allows = (url: string, change: Partial<WebhookRules> = {}) => refuseUrl(url, { ...DEFAULT_WEBHOOK_RULES, ...change }) === null

describe('a webhook on a local server', () => {
  test.each([
    'http://127.0.0.1:3000/hook', 'http://localhost:3000', 'http://[::1]:3000', 'https://hooks.example.com/x?y=1', 'http://user:pass@example.com', 'https://93.184.216.34', 'http://[2606:2800:220:1::]/', 'http://[::ffff:127.0.0.1]',
  ])('may be %s', (url) => expect(allows(url)).toBe(true))

  test.each([
    // Clouds' own secrets, in every spelling.
    'http://169.254.169.254/latest/meta-data', 'http://[::ffff:169.254.169.254]', 'http://[::ffff:a9fe:a9fe]', 'http://2852039166', 'http://0xa9fea9fe', 'http://0xa9.0xfe.0xa9.0xfe', 'http://0251.0376.0251.0376', 'http://169.16689662', 'http://169.254.169.254.', 'http://①⑥⑨.②⑤④.①⑥⑨.②⑤④', 'http://[fd00:ec2::254]', 'http://[fe80::1]', 'http://100.100.100.200',
    // Stand-ins for an IPv4 address.
    'http://[64:ff9b::a9fe:a9fe]', 'http://[64:ff9b:1::a9fe:a9fe]', 'http://[2002:a9fe:a9fe::]', 'http://[::a9fe:a9fe]', 'http://[::ffff:0:a9fe:a9fe]',
    // Nowhere, or everybody.
    'http://0.0.0.0', 'http://0', 'http://[::]', 'http://255.255.255.255', 'http://224.0.0.1', 'http://240.0.0.1', 'http://[ff02::1]', 'http://192.0.2.1',
    // Private networks.
    'http://10.1.2.3', 'http://167837955', 'http://172.16.0.1', 'http://192.168.1.1', 'http://100.64.0.1', 'http://[fd12::1]', 'http://[::ffff:10.0.0.1]', 'http://[fec0::1]',
    // No URL that can be posted to.
    '', 'hook', '/hook', '//example.com', '/\\example.com', '\\\\example.com', 'ftp://example.com', 'javascript:alert(1)', 'data:text/plain,x', 'http://', 'http://[::1', 'http://a b', `https://example.com/${'x'.repeat(2048)}`,
  ])('may not be %.40s', (url) => expect(allows(url)).toBe(false))

  test.each(['http://10.1.2.3', 'http://192.168.1.1', 'http://[fd12::1]', 'http://100.64.0.1'])('may be %s where private networks are allowed', (url) => expect(allows(url, { allowPrivateNetworks: true })).toBe(true))
  test.each(['http://169.254.169.254', 'http://[fd00:ec2::254]', 'http://100.100.100.200', 'http://0.0.0.0', 'http://[::]'])('may not be %s even then', (url) => expect(allows(url, { allowPrivateNetworks: true })).toBe(false))
  test.each(['http://127.0.0.1', 'http://127.9.9.9', 'http://2130706433', 'http://0177.1', 'http://localhost', 'http://LOCALHOST.', 'http://a.localhost', 'http://[::1]', 'http://[::ffff:7f00:1]'])('may not be %s where loopback is not allowed', (url) => expect(allows(url, { disableLoopback: true })).toBe(false))
})

describe('a rule', () => {
  test('names the domains, or all below one', () => {
    const rules = { allowedDomains: ['hooks.example.com', '*.Example.org'] }
    expect(['https://hooks.example.com/x', 'https://HOOKS.EXAMPLE.COM.', 'https://a.example.org', 'https://a.b.example.org'].map((url) => allows(url, rules))).toEqual([true, true, true, true])
    expect(['https://example.com', 'https://a.hooks.example.com', 'https://example.org', 'https://evilexample.org', 'https://example.org.evil.com', 'https://hooks.example.com@evil.com', 'http://127.0.0.1'].filter((url) => allows(url, rules))).toEqual([])
  })

  test('names the ports, also those that a URL leaves out', () => {
    const rules = { allowedPorts: [443, 8080] }
    expect(['https://a.com', 'http://a.com:8080', 'http://a.com:443', 'http://a.com', 'https://a.com:8443'].map((url) => allows(url, rules))).toEqual([true, true, true, false, false])
  })

  test('asks for https', () => expect(['https://a.com', 'http://a.com', 'http://localhost'].map((url) => allows(url, { requireHttps: true }))).toEqual([true, false, false]))
  test('limits the length', () => expect([21, 20].map((maxUrlLength) => allows('https://example.com/x', { maxUrlLength }))).toEqual([true, false]))
  test('forbids all', () => expect(refuseUrl('https://example.com', { ...DEFAULT_WEBHOOK_RULES, isDisabled: true })).toContain('http.disable_webhooks'))
})

test('an IPv4 address is judged alike in every spelling', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
    const dotted = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
    const plain = refuseAddress(dotted, DEFAULT_WEBHOOK_RULES) === null
    for (const host of [String(number), `0x${number.toString(16)}`, dotted, `[::ffff:${dotted}]`]) expect(allows(`http://${host}/`)).toBe(plain)
  }))
})

test('whatever text is asked about gets an answer, and no path, file or code passes', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.string().map((text) => `http://${text}`)), (text) => {
    const reason = refuseUrl(text, DEFAULT_WEBHOOK_RULES)
    if (reason === null) expect(new URL(text).protocol).toMatch(/^https?:$/)
  }))
})

test.each(['', 'localhost', '127.0.0.1.', 'fe80::1%eth0', 'x'])('%j is no address to send to', (text) => expect(refuseAddress(text, { ...DEFAULT_WEBHOOK_RULES, disableLoopback: true, allowPrivateNetworks: false })).not.toBeNull())
