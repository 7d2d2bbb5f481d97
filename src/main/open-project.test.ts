import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findProject, openProject, projectArgument, projectAtStart, ProjectProblem, trustQuestion } from './open-project.ts'
import { createRecentProjects } from './recent-projects.ts'
import { createMemoryFile } from './testing/memory-file.ts'
import { createTrustedFolders } from './trusted-folders.ts'

let root: string
beforeEach(() => { root = realpathSync.native(mkdtempSync(join(tmpdir(), 'superstep-open-'))) })
afterEach(() => rmSync(root, { recursive: true }))

function addProject(name: string, config = '{"graphs": {"agent": "./agent.ts:graph"}}'): string {
  mkdirSync(join(root, name))
  writeFileSync(join(root, name, 'langgraph.json'), config)
  return join(root, name)
}

const remember = () => ({ trusted: createTrustedFolders(createMemoryFile()), recents: createRecentProjects(createMemoryFile()) })

describe('finding a project', () => {
  test('it is the folder with the langgraph.json, named by either', () => {
    const folder = addProject('agent')
    const project = { name: 'agent', folder, configPath: join(folder, 'langgraph.json'), isDemo: false }
    expect(findProject(folder)).toEqual(project)
    expect(findProject(join(folder, 'langgraph.json'))).toEqual(project)
  })

  test('a folder without one is refused, with the remedy', () => {
    expect(() => findProject(root)).toThrow(ProjectProblem)
    expect(() => findProject(root)).toThrow(/holds no langgraph\.json.*\{"graphs"/)
    expect(() => findProject(join(root, 'nowhere'))).toThrow('holds no langgraph.json')
  })

  test('a broken one is refused', () => {
    expect(() => findProject(addProject('broken', '{"graphs": }'))).toThrow(/broken.langgraph\.json can't be read/)
  })
})

describe('opening a project', () => {
  test('the first time it asks, names the folder and says that code will run', async () => {
    const folder = addProject('agent')
    const ask = vi.fn(async () => true)
    const { trusted, recents } = remember()
    expect(await openProject(folder, { trusted, recents, ask })).toMatchObject({ folder })
    expect(ask).toHaveBeenCalledExactlyOnceWith(trustQuestion(findProject(folder)))
    expect(trustQuestion(findProject(folder)).detail).toContain(folder)
    expect(trusted.isTrusted(folder)).toBe(true)
    expect(recents.list()).toMatchObject([{ name: 'agent', folder }])
  })

  test('the second time it does not', async () => {
    const folder = addProject('agent')
    const { trusted, recents } = remember()
    trusted.trust(folder)
    const ask = vi.fn(async () => false)
    expect(await openProject(folder, { trusted, recents, ask })).toMatchObject({ folder })
    expect(ask).not.toHaveBeenCalled()
  })

  test('declined means not opened, not trusted and not listed', async () => {
    const folder = addProject('agent')
    const { trusted, recents } = remember()
    expect(await openProject(folder, { trusted, recents, ask: async () => false })).toBeNull()
    expect(trusted.isTrusted(folder)).toBe(false)
    expect(recents.list()).toEqual([])
  })

  test('a folder that is no project is refused before anything is asked', async () => {
    const ask = vi.fn(async () => true)
    await expect(openProject(root, { ...remember(), ask })).rejects.toThrow(ProjectProblem)
    expect(ask).not.toHaveBeenCalled()
  })
})

describe('the project at the start', () => {
  const demo = { name: 'demo', folder: '/demo', configPath: '/demo/langgraph.json', isDemo: true }

  test('it is the demo as long as nothing was opened', () => {
    expect(projectAtStart(remember(), demo)).toBe(demo)
  })

  test('it is the last one that is trusted', () => {
    const { trusted, recents } = remember()
    const [kept, untrusted] = [addProject('kept'), addProject('untrusted')]
    trusted.trust(kept)
    recents.add({ name: 'kept', folder: kept })
    recents.add({ name: 'untrusted', folder: untrusted })
    expect(projectAtStart({ trusted, recents }, demo)).toMatchObject({ folder: kept, isDemo: false })
  })

  test('a project whose langgraph.json is gone gives way to the demo', () => {
    const { trusted, recents } = remember()
    const folder = addProject('agent')
    trusted.trust(folder)
    recents.add({ name: 'agent', folder })
    rmSync(join(folder, 'langgraph.json'))
    expect(projectAtStart({ trusted, recents }, demo)).toBe(demo)
  })
})

test.each([
  [[], null],
  [['./agent'], './agent'],
  [['--enable-logging', './agent'], './agent'],
  [['--config', 'a/langgraph.json'], 'a/langgraph.json'],
  [['--config=a/langgraph.json'], 'a/langgraph.json'],
  [['-c', 'a'], 'a'],
  [['--config'], null],
  [['--enable-logging'], null],
])('the arguments %j name %j', (args, project) => {
  expect(projectArgument(args)).toBe(project)
})
