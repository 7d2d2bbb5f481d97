import { expect, test } from 'vitest'
import { canOpenOutside, isPermissionAllowed, isStudioPage, isTrustedSender } from './window-policy.ts'

const ORIGIN = 'http://127.0.0.1:4100'

test.each([
  [`${ORIGIN}/studio/`, true],
  [`${ORIGIN}/studio/index.html#/threads/1`, true],
  [`${ORIGIN}/threads`, false],
  [`${ORIGIN}/studio/../threads`, false],
  ['http://127.0.0.1:4101/studio/', false],
  ['http://localhost:4100/studio/', false],
  ['https://127.0.0.1:4100/studio/', false],
  ['http://127.0.0.1:4100@evil.example/studio/', false],
  ['data:text/html,hello', false],
  ['file:///studio/index.html', false],
  ['javascript:alert(1)', false],
  ['', false],
])('the window may go to %j: %s', (address, isAllowed) => {
  expect(isStudioPage(address, ORIGIN)).toBe(isAllowed)
})

test('without a server the window may go nowhere', () => {
  expect(isStudioPage('data:text/html,x', null)).toBe(false)
  expect(isStudioPage(`${ORIGIN}/studio/`, null)).toBe(false)
})

test('only the Studio\'s own top page may call the shell', () => {
  const url = `${ORIGIN}/studio/`
  expect(isTrustedSender({ url, isTop: true }, ORIGIN)).toBe(true)
  expect(isTrustedSender({ url, isTop: false }, ORIGIN)).toBe(false)
  expect(isTrustedSender({ url: 'https://example.com/studio/', isTop: true }, ORIGIN)).toBe(false)
  expect(isTrustedSender({ url: 'data:text/html,x', isTop: true }, null)).toBe(false)
  expect(isTrustedSender(null, ORIGIN)).toBe(false)
})

test.each([
  ['https://docs.langchain.com/langgraph', true],
  ['http://docs.langchain.com', false],
  ['https://bank.example@evil.example/', false],
  ['file:///etc/passwd', false],
  ['smb://server/share', false],
  ['ms-msdt:/id', false],
  ['javascript:alert(1)', false],
  ['https:', false],
])('the system browser opens %j: %s', (address, isAllowed) => {
  expect(canOpenOutside(address)).toBe(isAllowed)
})

test('the Studio may write to the clipboard; every other permission, and every other page, is refused', () => {
  expect(isPermissionAllowed('clipboard-sanitized-write', `${ORIGIN}/studio/`, ORIGIN)).toBe(true)
  expect(isPermissionAllowed('clipboard-sanitized-write', 'https://example.com/studio/', ORIGIN)).toBe(false)
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'fullscreen', 'openExternal', 'hid', 'unknown'])
    expect(isPermissionAllowed(permission, `${ORIGIN}/studio/`, ORIGIN)).toBe(false)
})
