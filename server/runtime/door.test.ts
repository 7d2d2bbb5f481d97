import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { AuthUser, UserAuth } from '../engine/user-auth.ts'
import type { UserDoor } from '../engine/user-door.ts'
import { createNodeDoor } from './node-door.ts'
import { APP_DIR, createProject, writeFiles } from './testing/harness.ts'

const AUTH = `
  import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth'
  export const auth = new Auth()
    .authenticate(async (request) => {
      const name = request.headers.get('authorization')
      if (name === null) throw new HTTPException(401, { message: 'Who are you?' })
      if (name === 'broken') throw new Error('the database of users is away')
      if (name === 'nobody') return ''
      return name === 'ada' ? { identity: 'ada', permissions: ['write'], org: { id: 7 } } : name
    })
    .on('threads', ({ user, value }) => {
      value.metadata = { ...value.metadata, owner: user.identity }
      return { owner: user.identity }
    })
    .on('threads:delete', ({ permissions }) => permissions.includes('write'))
    .on('*:update', () => { throw new HTTPException(418, { message: 'I am a teapot.' }) })
    .on('store:get', () => { throw new Error('oops') })
`

async function open(source: string, path = './auth.ts:auth'): Promise<{ door: UserAuth & Pick<UserDoor, 'stop'>, said: string[], save(text: string): Promise<void> }> {
  const projectDir = await createProject({ 'auth.ts': source })
  const said: string[] = []
  const door = createNodeDoor({
    auth: path, projectDir, appDir: APP_DIR, configFiles: [], env: process.env as Record<string, string>, maxWorkerMemoryMb: 1024, reload: true, log: () => {},
    workerEntry: join(APP_DIR, 'server/runtime/node-worker/main.ts'), onOutput: ({ text }) => void said.push(text),
  })
  onTestFinished(() => door.stop())
  await door.start()
  return { door: { ...door.auth!, stop: door.stop }, said, save: (text) => writeFiles(projectDir, { 'auth.ts': text }) }
}

const request = (authorization?: string) => ({ method: 'GET', url: 'http://127.0.0.1/threads', headers: authorization === undefined ? {} : { authorization } })
const user = (identity: string, permissions: string[] = []): AuthUser => ({ identity, display_name: identity, is_authenticated: true, permissions })

describe('the project\'s auth code', () => {
  it('says who asks, and what is refused', async () => {
    const { door, said } = await open(AUTH)
    expect(await door.authenticate(request('bob'))).toEqual(user('bob'))
    expect(await door.authenticate(request('ada'))).toEqual({ ...user('ada', ['write']), org: { id: 7 } })
    await expect(door.authenticate(request())).rejects.toMatchObject({ code: 'unauthorized', status: 401, message: 'Who are you?' })
    await expect(door.authenticate(request('broken'))).rejects.toMatchObject({ code: 'unauthorized', status: 401, message: 'Unauthorized' })
    await expect(door.authenticate(request('nobody'))).rejects.toMatchObject({ status: 401 })
    await vi.waitFor(() => expect(said.join('\n')).toContain('the database of users is away'))
  })

  it('decides by the most exact handler, changes what is asked for, and filters', async () => {
    const { door } = await open(AUTH)
    const ask = (resource: string, action: string, who = user('bob')) => door.authorize({ resource, action, value: { metadata: { a: 1 } }, user: who })
    expect(await ask('threads', 'create')).toEqual({ value: { metadata: { a: 1, owner: 'bob' } }, filters: { owner: 'bob' } })
    await expect(ask('threads', 'delete')).rejects.toMatchObject({ code: 'forbidden', status: 403 })
    expect(await ask('threads', 'delete', user('ada', ['write']))).toEqual({ value: { metadata: { a: 1 } }, filters: null })
    expect((await ask('threads', 'update')).filters).toEqual({ owner: 'bob' })
    await expect(ask('assistants', 'update')).rejects.toMatchObject({ code: 'forbidden', status: 418, message: 'I am a teapot.' })
    await expect(ask('store', 'get')).rejects.toMatchObject({ code: 'auth_failed', status: 500 })
    expect(await ask('store', 'put')).toEqual({ value: { metadata: { a: 1 } }, filters: null })
  })

  it('that is broken lets nobody in, says why, and is loaded anew when it is mended', async () => {
    const { door, save } = await open('export const auth = 5')
    await expect(door.authenticate(request('bob'))).rejects.toMatchObject({ code: 'auth_failed', status: 503, message: expect.stringContaining("export 'auth' of") as string })
    await save(AUTH)
    await vi.waitFor(async () => expect(await door.authenticate(request('bob'))).toEqual(user('bob')), { timeout: 20_000 })
    await save('export const auth = (')
    expect(await door.authenticate(request('bob'))).toEqual(user('bob'))
  })
})
