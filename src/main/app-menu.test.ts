import { expect, test, vi } from 'vitest'
import { appMenu, type MenuActions, type MenuItem } from './app-menu.ts'

const actions = (): MenuActions => ({ openFolder: vi.fn(), openRecent: vi.fn(), openDemo: vi.fn(), restartServer: vi.fn(), reloadWindow: vi.fn() })
const recent = (name: string) => ({ name, folder: `/projects/${name}`, openedAt: '2026-01-02T03:04:05.000Z' })
const all = (items: MenuItem[]): MenuItem[] => items.flatMap((item) => [item, ...all(item.submenu ?? [])])
const find = (items: MenuItem[], label: string) => all(items).find((item) => item.label === label)!

test('each command calls its action', () => {
  const called = actions()
  const menu = appMenu({ platform: 'linux', recents: [] }, called)
  const labels = { 'Open Folder…': called.openFolder, 'Open Demo Project': called.openDemo, 'Restart Server': called.restartServer, 'Reload Window': called.reloadWindow }
  for (const [label, action] of Object.entries(labels)) {
    find(menu, label).click!()
    expect(action).toHaveBeenCalledOnce()
  }
})

test('recent projects are listed by their folders', () => {
  const called = actions()
  const menu = find(appMenu({ platform: 'linux', recents: [recent('b'), recent('a')] }, called), 'Open Recent')
  expect(menu.submenu!.map(({ label }) => label)).toEqual(['/projects/b', '/projects/a'])
  menu.submenu![1]!.click!()
  expect(called.openRecent).toHaveBeenCalledExactlyOnceWith('/projects/a')
})

test('without recent projects the submenu is off', () => {
  expect(find(appMenu({ platform: 'win32', recents: [] }, actions()), 'Open Recent').enabled).toBe(false)
})

test('macOS has its own menu for the app and its windows', () => {
  const roles = (platform: NodeJS.Platform) => appMenu({ platform, recents: [] }, actions()).map(({ role }) => role).filter(Boolean)
  expect(roles('darwin')).toEqual(['appMenu', 'windowMenu'])
  expect(roles('linux')).toEqual([])
})

test('copy and paste work everywhere: on macOS they come from the menu', () => {
  const roles = all(appMenu({ platform: 'darwin', recents: [] }, actions())).map(({ role }) => role)
  expect(roles).toEqual(expect.arrayContaining(['cut', 'copy', 'paste', 'selectAll', 'undo', 'redo']))
})
