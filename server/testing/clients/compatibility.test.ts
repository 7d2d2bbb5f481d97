import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { resolve } from 'node:path'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { beforeAll, expect, test } from 'vitest'
import { startTestServer } from '../start-test-server.ts'
import { compatibilityTable, ENDPOINTS, keyOf } from './compatibility-table.ts'

/** What is ours alone, and the files of the page to try the endpoints. */
const OWN = /^\w+ \/(studio(\/|$)|docs\/)/
let routes: Set<string>

beforeAll(async () => {
  routes = new Set()
  const listen = (message: unknown) => (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
    for (const one of [method].flat()) if (one !== 'OPTIONS') routes.add(`${one} ${url}`)
  })
  subscribe('fastify.initialization', listen)
  const server = await startTestServer()
  unsubscribe('fastify.initialization', listen)
  await server.stop(0)
})

test('every route of the app is an endpoint of the list or the Studio\'s own', () => {
  const known = new Set(ENDPOINTS.map(keyOf))
  expect(known.size).toBe(ENDPOINTS.length)
  expect([...routes].filter((route) => !known.has(route) && !OWN.test(route))).toEqual([])
})

test('an endpoint that is not served has a reason', () =>
  expect(ENDPOINTS.filter((endpoint) => !routes.has(keyOf(endpoint)) && !endpoint.missing).map(keyOf)).toEqual([]))

test('docs/compatibility.md says what the app serves and the clients prove; npm run compatibility writes it', async () => {
  await expect(compatibilityTable(routes)).toMatchFileSnapshot(resolve(import.meta.dirname, '../../../docs/compatibility.md'))
})
