import { expect, test } from 'vitest'
import { createMemoryFile } from './testing/memory-file.ts'
import { createTrustedFolders } from './trusted-folders.ts'

const asIs = (folder: string) => folder

test('a folder is trusted only once a person said so, and still after a restart', () => {
  const file = createMemoryFile()
  const folders = createTrustedFolders(file, asIs)
  expect(folders.isTrusted('/projects/agent')).toBe(false)
  folders.trust('/projects/agent')
  expect(folders.isTrusted('/projects/agent')).toBe(true)
  expect(createTrustedFolders(file, asIs).isTrusted('/projects/agent')).toBe(true)
})

test('trust covers neither the folders below nor those whose names begin alike', () => {
  const folders = createTrustedFolders(createMemoryFile(['/projects/agent']), asIs)
  expect(folders.isTrusted('/projects/agent/examples/downloaded')).toBe(false)
  expect(folders.isTrusted('/projects/agent-copy')).toBe(false)
  expect(folders.isTrusted('/projects')).toBe(false)
})

test('a link that is pointed elsewhere is asked about again', () => {
  let target = '/projects/mine'
  const folders = createTrustedFolders(createMemoryFile(), (folder) => folder === '/link' ? target : folder)
  folders.trust('/link')
  expect(folders.isTrusted('/link')).toBe(true)
  expect(folders.isTrusted('/projects/mine')).toBe(true)
  target = '/projects/theirs'
  expect(folders.isTrusted('/link')).toBe(false)
})

test('a folder that is gone is not trusted', () => {
  const folders = createTrustedFolders(createMemoryFile(['/gone']), () => { throw new Error('ENOENT') })
  expect(folders.isTrusted('/gone')).toBe(false)
})

test.each([[null], ['/projects'], [{ '/projects': true }], [[{ folder: '/projects' }, 7]]])('a damaged file trusts nothing: %j', (content) => {
  expect(createTrustedFolders(createMemoryFile(content), asIs).isTrusted('/projects')).toBe(false)
})
