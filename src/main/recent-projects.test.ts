import { expect, test } from 'vitest'
import { createRecentProjects, MOST_RECENTS } from './recent-projects.ts'
import { createMemoryFile } from './testing/memory-file.ts'

const now = () => new Date('2026-01-02T03:04:05Z')
const project = (name: string) => ({ name, folder: `/projects/${name}` })
const names = (recents: { list(): { name: string }[] }) => recents.list().map(({ name }) => name)

test('the newest comes first, and survives a restart', () => {
  const file = createMemoryFile()
  const recents = createRecentProjects(file, now)
  recents.add(project('a'))
  recents.add(project('b'))
  expect(createRecentProjects(file, now).list()).toEqual([
    { name: 'b', folder: '/projects/b', openedAt: '2026-01-02T03:04:05.000Z' },
    { name: 'a', folder: '/projects/a', openedAt: '2026-01-02T03:04:05.000Z' },
  ])
})

test('a project that is opened again moves to the front and is listed once', () => {
  const recents = createRecentProjects(createMemoryFile(), now)
  for (const name of ['a', 'b', 'a']) recents.add(project(name))
  expect(names(recents)).toEqual(['a', 'b'])
})

test('the oldest drop out', () => {
  const recents = createRecentProjects(createMemoryFile(), now)
  for (let index = 0; index <= MOST_RECENTS; index++) recents.add(project(`p${index}`))
  expect(names(recents)).toHaveLength(MOST_RECENTS)
  expect(names(recents)).not.toContain('p0')
})

test('only a project is kept of what is added', () => {
  const recents = createRecentProjects(createMemoryFile(), now)
  recents.add({ ...project('a'), configPath: '/x', isDemo: false } as never)
  expect(Object.keys(recents.list()[0]!)).toEqual(['name', 'folder', 'openedAt'])
})

test.each([[null], [{}], [[null, 1, { name: 'a' }]]])('a damaged file is an empty list: %j', (content) => {
  expect(createRecentProjects(createMemoryFile(content), now).list()).toEqual([])
})
