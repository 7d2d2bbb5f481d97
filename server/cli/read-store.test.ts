import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readStore } from './read-store.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'superstep-config-'))
  writeFileSync(join(folder, 'embed.ts'), '')
})
afterAll(() => rmSync(folder, { recursive: true }))

const read = (store: unknown) => readStore(store, folder, '/p/langgraph.json')
const index = (change: object) => ({ index: { embed: 'openai:text-embedding-3-small', dims: 1536, ...change } })

describe('store in langgraph.json', () => {
  test('is read whole, and has defaults', () => {
    const plain = { refreshOnRead: true, defaultTtl: null, index: null }
    for (const store of [undefined, null, {}, { ttl: null, index: null }, { ttl: {}, path: './own.ts:store' }]) expect(read(store)).toEqual(plain)
    expect(read({ ttl: { refresh_on_read: false, default_ttl: 0.5, sweep_interval_minutes: 5 } })).toEqual({ ...plain, refreshOnRead: false, defaultTtl: 0.5 })
    expect(read(index({})).index).toEqual({ embed: 'openai:text-embedding-3-small', dims: 1536, fields: ['$'] })
    for (const embed of ['./embed.ts:embed', 'embed.ts:embed', './embed.ts', join(folder, 'embed.ts:embed'), 'ollama:nomic-embed-text:latest'])
      expect(read(index({ embed, fields: ['text', 'facts[*].text'] })).index).toEqual({ embed, dims: 1536, fields: ['text', 'facts[*].text'] })
  })

  test.each([
    [[], /store: This must be an object/],
    [{ ttl: 5 }, /store\.ttl: This must be an object/],
    [{ ttl: { default_ttl: '1h' } }, /store\.ttl\.default_ttl: This must be a number of minutes above 0/],
    [{ ttl: { default_ttl: 0 } }, /store\.ttl\.default_ttl/],
    [{ ttl: { refresh_on_read: 'no' } }, /store\.ttl\.refresh_on_read: This must be true or false/],
    [{ index: true }, /store\.index: This must be an object/],
    [{ index: { dims: 3 } }, /store\.index\.embed: This must be "provider:model" or "path:export"/],
    [index({ embed: './missing.ts:embed' }), /store\.index\.embed: The file .*missing\.ts does not exist\. Correct the path/],
    [index({ embed: './embed.py:embed' }), /store\.index\.embed: A function in Python can't be used/],
    [index({ embed: 'acme:model' }), /store\.index\.embed: There is no provider for "acme:model"\. Use azure_openai, .*openai/],
    [index({ embed: 'toString:model' }), /There is no provider/],
    [index({ embed: 'openai:' }), /There is no provider/],
    [index({ embed: 'text-embedding-3-small' }), /There is no provider/],
    [{ index: { embed: 'openai:x' } }, /store\.index\.dims: It is missing\. It says how many numbers/],
    [index({ dims: 1.5 }), /store\.index\.dims: This must be a whole number from 1 to 65536/],
    [index({ dims: '1536' }), /store\.index\.dims: This must be a whole number/],
    [index({ fields: 'text' }), /store\.index\.fields: This must be a list of paths/],
    [index({ fields: [] }), /store\.index\.fields/],
  ])('%j is refused with file, key and remedy', (store, message) => {
    expect(() => read(store)).toThrow(message)
    expect(() => read(store)).toThrow(/^\/p\/langgraph\.json → store/)
  })
})
