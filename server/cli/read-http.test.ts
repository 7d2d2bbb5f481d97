import { describe, expect, test } from 'vitest'
import { ProjectError } from './project-error.ts'
import { readHttp } from './read-http.ts'

const read = (http: unknown, env: Record<string, string> = {}) => readHttp(http, env, '/p/langgraph.json')

describe('http of a langgraph.json', () => {
  test.each([[undefined], [null], [{}], [[]], [{ app: null, middleware_order: 'auth_first', enable_custom_route_auth: true, disable_runs: false }]])('%j leaves all as it is', (http) => {
    expect(read(http)).toEqual({
      app: null, isAppFirst: false, origins: [], originPattern: null, cors: { methods: null, headers: null, credentials: false, exposed: [], maxAge: 600 },
      configurableHeaders: { includes: [], excludes: [] }, disabled: [], mountPrefix: '',
    })
  })

  test('says what pages may do', () => {
    const { origins, originPattern, cors } = read({ cors: { allow_origins: ['https://a.com'], allow_origin_regex: 'https://.*\\.b\\.com', allow_methods: ['GET'], allow_headers: ['x-a'], allow_credentials: true, expose_headers: ['x-b'], max_age: 60 } })
    expect([origins, originPattern?.test('https://x.b.com'), originPattern?.test('https://x.b.com.evil')]).toEqual([['https://a.com'], true, false])
    expect(cors).toEqual({ methods: ['GET'], headers: ['x-a'], credentials: true, exposed: ['x-b'], maxAge: 60 })
  })

  test('names headers, in the newer and the older way', () => {
    expect(read({ configurable_headers: { includes: ['a'], excludes: ['b'] } }).configurableHeaders).toEqual({ includes: ['a'], excludes: ['b'] })
    expect(read({ configurable_headers: { include: ['a'], exclude: ['b'] } }).configurableHeaders).toEqual({ includes: ['a'], excludes: ['b'] })
  })

  test('takes parts away, and puts the rest under a path', () => {
    expect(read({ disable_store: true, disable_meta: true }).disabled).toEqual(['store', 'meta'])
    expect([read({ mount_prefix: '/agents/' }), read({}, { MOUNT_PREFIX: '/a/b' }), read({ mount_prefix: '/c' }, { MOUNT_PREFIX: '/d' }), read({ mount_prefix: '/' })].map(({ mountPrefix }) => mountPrefix)).toEqual(['/agents', '/a/b', '/c', ''])
  })

  test('names the app, which comes first where its routes are for everybody', () => {
    expect(read({ app: './app.ts:app' })).toMatchObject({ app: './app.ts:app', isAppFirst: false })
    expect([read({ middleware_order: 'middleware_first' }), read({ enable_custom_route_auth: false })].map(({ isAppFirst }) => isAppFirst)).toEqual([true, true])
  })

  test.each([
    [{ app: ' ' }, 'http.app'], [{ middleware_order: 'last' }, 'http.middleware_order'], [{ middleware_order: 'middleware_first', enable_custom_route_auth: true }, 'http.enable_custom_route_auth'],
    [{ cors: { allow_origins: 'https://a.com' } }, 'http.cors.allow_origins'], [{ cors: { allow_methods: [1] } }, 'http.cors.allow_methods'], [{ cors: { allow_headers: ['a\r\nb'] } }, 'http.cors.allow_headers'],
    [{ cors: { allow_credentials: 1 } }, 'http.cors.allow_credentials'], [{ cors: { max_age: -1 } }, 'http.cors.max_age'], [{ cors: { allow_origin_regex: '(' } }, 'http.cors.allow_origin_regex'],
    [{ configurable_headers: ['a'] }, 'http.configurable_headers'], [{ configurable_headers: { includes: 'a' } }, 'http.configurable_headers.includes'],
    [{ disable_runs: 'yes' }, 'http.disable_runs'], [{ mount_prefix: 'agents' }, 'http.mount_prefix'], [{ mount_prefix: '/../x?' }, 'http.mount_prefix'], [{ mount_prefix: 7 }, 'http.mount_prefix'],
  ])('%j is a mistake that names its key', (http, key) => {
    expect(() => read(http)).toThrow(ProjectError)
    expect(() => read(http)).toThrow(`→ ${key}: `)
  })
})
