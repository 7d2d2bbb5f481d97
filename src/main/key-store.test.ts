import { expect, test } from 'vitest'
import { createKeyStore, type Encryption } from './key-store.ts'
import { createMemoryFile } from './testing/memory-file.ts'

const URL = 'https://agents.example.com'

/** Turns the text around: enough to tell it from the plain one. */
const reversing: Encryption = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => Buffer.from([...text].reverse().join('')),
  decryptString: (encrypted) => [...encrypted.toString()].reverse().join(''),
}
const none: Encryption = { ...reversing, isEncryptionAvailable: () => false }

test('a key comes back after a restart and is never on disk as it is', () => {
  const file = createMemoryFile()
  expect(createKeyStore(file, reversing).save({ url: URL, apiKey: 'lsv2_secret' })).toBe('encrypted')
  expect(createKeyStore(file, reversing).load(URL)).toBe('lsv2_secret')
  expect(JSON.stringify(file.read())).not.toContain('lsv2_secret')
  expect(Object.values(file.read() as object)).not.toContain(Buffer.from('lsv2_secret').toString('base64'))
})

test('without encryption a key stays in memory and says so', () => {
  const file = createMemoryFile()
  const keys = createKeyStore(file, none)
  expect(keys.save({ url: URL, apiKey: 'lsv2_secret' })).toBe('memory')
  expect(keys.load(URL)).toBe('lsv2_secret')
  expect(file.read()).toBeNull()
  expect(createKeyStore(file, none).load(URL)).toBeNull()
})

test('a key in memory replaces the older one on disk', () => {
  const file = createMemoryFile()
  createKeyStore(file, reversing).save({ url: URL, apiKey: 'old' })
  createKeyStore(file, none).save({ url: URL, apiKey: 'new' })
  expect(createKeyStore(file, reversing).load(URL)).toBeNull()
})

test('one deployment\'s key is not another\'s, and a slash makes no other deployment', () => {
  const keys = createKeyStore(createMemoryFile(), reversing)
  keys.save({ url: `${URL}/`, apiKey: 'a' })
  keys.save({ url: `${URL}/team`, apiKey: 'b' })
  expect(keys.load(URL)).toBe('a')
  expect(keys.load(`${URL}/team/`)).toBe('b')
  expect(keys.load('http://agents.example.com')).toBeNull()
})

test('a forgotten key is gone from memory and disk, and only that one', () => {
  const file = createMemoryFile()
  const keys = createKeyStore(file, reversing)
  keys.save({ url: URL, apiKey: 'a' })
  keys.save({ url: 'http://localhost:2024', apiKey: 'b' })
  keys.forget(URL)
  expect(keys.load(URL)).toBeNull()
  expect(keys.load('http://localhost:2024')).toBe('b')
  expect(file.read()).not.toHaveProperty([URL])
})

test('a key that cannot be decrypted any more has to be given again', () => {
  const file = createMemoryFile({ [URL]: 'AAAA' })
  expect(createKeyStore(file, { ...reversing, decryptString: () => { throw new Error('wrong key ring') } }).load(URL)).toBeNull()
})

test.each(['file:///etc/passwd', 'javascript:alert(1)', 'agents', ''])('%j is no deployment', (url) => {
  const keys = createKeyStore(createMemoryFile(), reversing)
  expect(() => keys.save({ url, apiKey: 'a' })).toThrow('not an http or https address')
  expect(() => keys.load(url)).toThrow('not an http or https address')
})
