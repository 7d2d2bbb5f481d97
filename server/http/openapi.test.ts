import SwaggerParser from '@apidevtools/swagger-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANSWERS } from '../contract/answers.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

interface Operation { summary?: string, tags: string[], parameters?: { name: string, in: string }[], requestBody?: { content: Record<string, { schema: { required?: string[], properties?: Record<string, unknown> } }> }, responses: Record<string, { headers?: object }> }
interface Document { openapi: string, paths: Record<string, Record<string, Operation>> }

let server: TestServer
let document: Document
const read = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${server.url}${path}`, { headers, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
beforeAll(async () => {
  server = await startTestServer()
  document = JSON.parse((await read('/openapi.json')).text) as Document
})
afterAll(() => server.stop(0))

describe('/openapi.json', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    expect(document.openapi).toBe('3.1.0')
    await expect(SwaggerParser.validate(structuredClone(document) as never)).resolves.toHaveProperty('paths')
  })
  test('has every path of the public wire, with its fields', () => {
    const runs = document.paths['/threads/{thread_id}/runs/stream']!['post']!
    expect(runs.requestBody!.content['application/json']!.schema).toMatchObject({ required: ['assistant_id'], properties: { strict_resume: {}, multitask_strategy: {} } })
    expect(runs.parameters).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'thread_id', in: 'path' }), expect.objectContaining({ name: 'namespace', in: 'query' })]))
    expect(Object.keys(runs.responses['200']!.headers!)).toEqual(['Content-Location', 'Location'])
    expect(document.paths['/threads/{thread_id}/state']).toHaveProperty('patch')
    expect(document.paths['/studio/api/project']!['get']!.tags).toEqual(['studio'])
  })
  test('describes answers of routes that are there, and of all that the contract names', () => {
    for (const [route, { summary }] of Object.entries(ANSWERS)) {
      const [method, path] = route.split(' ') as [string, string]
      expect([route, document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.summary]).toEqual([route, summary])
    }
  })
  test('says how the project\'s auth code wants to know who asks', async () => {
    const docs = { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, security: [{ bearer: [] }] }
    const asking = await startTestServer({ securityDocs: docs })
    const described = await (await fetch(`${asking.url}/openapi.json`)).json() as object
    await asking.stop(0)
    expect(described).toMatchObject({ components: { securitySchemes: { bearer: docs.securitySchemes.bearer, token: { type: 'apiKey' } } }, security: docs.security })
    await expect(SwaggerParser.validate(described as never)).resolves.toHaveProperty('paths')
  })
  test('answers without the token, and /info does not', async () => {
    await server.stop(0)
    server = await startTestServer({ guard: { hosts: [], origins: [], originPattern: null, token: 'secret' } })
    for (const path of ['/openapi.json', '/docs', '/docs/json', '/docs/static/swagger-ui.css']) expect([path, (await read(path)).status]).toEqual([path, 200])
    expect((await read('/info')).status).toBe(401)
    expect((await read('/metrics')).status).toBe(401)
    expect((await read('/metrics', { 'x-api-key': 'secret' })).status).toBe(200)
  })
})

describe('/docs', () => {
  test('is a page whose parts all come from this server, and may load nothing else', async () => {
    const page = await read('/docs')
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';.*connect-src 'self'/)
    expect(page.text).not.toMatch(/<script>|https?:\/\//)
    const parts = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => new URL(path!, `${server.url}/docs`).pathname)
    expect(parts.length).toBeGreaterThan(4)
    for (const part of parts) expect([part, (await read(part)).status]).toEqual([part, 200])
    const setUp = await read('/docs/static/swagger-initializer.js')
    expect(setUp.text).toContain('"validatorUrl":null')
    expect((await read('/docs/json')).text).toBe((await read('/openapi.json')).text)
  })
})
