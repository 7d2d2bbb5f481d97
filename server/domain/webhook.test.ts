import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterAttempt, MOST_ATTEMPTS, type WebhookOutcome } from './webhook-attempts.ts'
import { fillHeader } from './webhook-headers.ts'
import { sentPayload, webhookPayload, type EndedRun } from './webhook-payload.ts'

describe('a header', () => {
  const env = { LG_WEBHOOK_TOKEN: 's3cret', LG_WEBHOOK_NESTED: '${{ env.HOME }}', HOME: '/root' }
  const fill = (text: string, prefix = 'LG_WEBHOOK_') => fillHeader(text, env, prefix)

  test('has variables put in, any number of them', () => {
    expect(fill('Bearer ${{ env.LG_WEBHOOK_TOKEN }}')).toEqual({ value: 'Bearer s3cret' })
    expect(fill('${{env.LG_WEBHOOK_TOKEN}}-${{  env.LG_WEBHOOK_TOKEN  }}')).toEqual({ value: 's3cret-s3cret' })
    expect(fill('${{ env.HOME }}', 'HO')).toEqual({ value: '/root' })
  })

  test('gives out no variable but those with the prefix, also not through another one', () => {
    expect(fill('${{ env.HOME }}')).toEqual({ problem: 'HOME may not be used: its name must begin with LG_WEBHOOK_.' })
    expect(fill('${{ env.LG_WEBHOOK_NESTED }}')).toEqual({ value: '${{ env.HOME }}' })
  })

  test.each(['${{ env.LG_WEBHOOK_MISSING }}', '${{ LG_WEBHOOK_TOKEN }}', '${{ env.LG_WEBHOOK_TOKEN || 1 }}', '${{}}', '${{ env.constructor }}', '${{\nenv.LG WEBHOOK }}'])('%j is a mistake that is told', (text) =>
    expect(fill(text, text.includes('constructor') ? '' : 'LG_WEBHOOK_')).toHaveProperty('problem'))

  test('without templates is what it was, and else nothing but its templates changes', () => {
    const literal = fc.string().filter((text) => !text.includes('${{') && !text.includes('}}') && !/[$}]$/.test(text) && !/^[{}]/.test(text))
    fc.assert(fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), fc.string(), (parts, secret) => {
      const text = parts.join('${{ env.LG_WEBHOOK_X }}')
      expect(fillHeader(text, { LG_WEBHOOK_X: secret }, 'LG_WEBHOOK_')).toEqual({ value: parts.join(secret) })
    }))
  })

  test('never holds a variable without the prefix, whatever it says', () => {
    const piece = fc.oneof(fc.constantFrom('${{', '}}', ' ', 'env.', 'HOME', 'LG_WEBHOOK_TOKEN', '${{ env.HOME }}', '\n'), fc.string())
    fc.assert(fc.property(fc.array(piece), (pieces) => {
      const filled = fillHeader(pieces.join(''), { HOME: '\u0000home\u0000', LG_WEBHOOK_TOKEN: 'x' }, 'LG_WEBHOOK_')
      if ('value' in filled) expect(filled.value).not.toContain('\u0000home\u0000')
    }))
  })
})

describe('after an attempt', () => {
  const answered = (status: number): WebhookOutcome => ({ kind: 'answered', status })
  test.each([[200], [201], [204], [299]])('%i is delivered, also the last time', (status) => expect(afterAttempt(answered(status), MOST_ATTEMPTS, 0, 0)).toEqual({ status: 'delivered' }))
  test.each([[301], [400], [404], [429], [500], [503]])('%i is tried again', (status) => expect(afterAttempt(answered(status), 1, 0, 0)).toEqual({ status: 'pending', due_at: 5000 }))
  test('what may not be sent, or is never wanted, is not', () => {
    expect(afterAttempt({ kind: 'refused', error: '' }, 1, 0, 0)).toEqual({ status: 'failed' })
    expect(afterAttempt(answered(410), 1, 0, 0)).toEqual({ status: 'failed' })
  })
  test('pauses grow to an hour, and jitter takes up to half', () => {
    const pauses = (random: number) => Array.from({ length: MOST_ATTEMPTS - 1 }, (_, i) => afterAttempt({ kind: 'failed', error: '' }, i + 1, 0, random)).map((next) => 'due_at' in next ? next.due_at / 1000 : null)
    expect(pauses(0)).toEqual([5, 15, 45, 135, 405, 1215, 3600])
    expect(pauses(1)).toEqual([2.5, 7.5, 22.5, 67.5, 202.5, 607.5, 1800])
    expect(afterAttempt({ kind: 'failed', error: '' }, MOST_ATTEMPTS, 0, 0)).toEqual({ status: 'failed' })
  })
})

describe('a payload', () => {
  const run = (change: Partial<EndedRun> = {}): EndedRun => ({
    run_id: 'r', thread_id: 't', assistant_id: 'a', created_at: '1', updated_at: '2', status: 'success', metadata: {}, kwargs: {} as EndedRun['kwargs'], multitask_strategy: 'enqueue', started_at: '1', ended_at: '2', error: null, ...change,
  })

  test('leaves out the state first, then what it was asked, and names that', () => {
    const long = 'ä'.repeat(1000)
    const state = { values: { long }, interrupts: {} }
    expect(JSON.parse(webhookPayload(run(), state, 1000))).toMatchObject({ values: null, kwargs: {}, omitted: ['values'] })
    expect(JSON.parse(webhookPayload(run({ kwargs: { input: long } as EndedRun['kwargs'] }), state, 1000))).toMatchObject({ values: null, kwargs: null, metadata: {}, omitted: ['values', 'kwargs'] })
    expect(JSON.parse(webhookPayload(run(), state, 10_000))).not.toHaveProperty('omitted')
    expect(JSON.parse(webhookPayload(run(), { values: null, interrupts: {}, isUnread: true }))).toMatchObject({ omitted: ['values'] })
  })

  test('is never larger than said, whatever is large, and is JSON with the time of sending', () => {
    const large = fc.integer({ min: 0, max: 3000 }).map((length) => '"ü'.repeat(length))
    fc.assert(fc.property(large, large, large, large, (values, input, note, message) => {
      const text = webhookPayload(run({ kwargs: { input } as unknown as EndedRun['kwargs'], metadata: { note }, error: { error: 'E', message } }), { values, interrupts: {} }, 2000)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2000)
      expect(JSON.parse(sentPayload(text, 'now'))).toEqual({ ...JSON.parse(text) as object, webhook_sent_at: 'now' })
    }))
  })
})
