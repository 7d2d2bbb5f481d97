import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, describe, expect, test } from 'vitest'
import { readProject } from './read-project.ts'
import { createFolder } from './testing/start-cli.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const read = (file: string) => JSON.parse(readFileSync(resolve(ROOT, file), 'utf8')) as object
const ajv = new Ajv({ allowUnionTypes: true })
;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
const isValid = ajv.compile(read('resources/langgraph.schema.json'))

const project = createFolder({ 'langgraph.json': '{}', 'embed.ts': '', 'agent.ts': '', 'auth.ts': '' })
afterAll(() => project.remove())
function isRead(config: object): boolean {
  project.write('langgraph.json', JSON.stringify(config))
  try {
    readProject(resolve(project.folder, 'langgraph.json'), { LG_WEBHOOK_TOKEN: 'x' })
    return true
  } catch {
    return false
  }
}

const graphs = { agent: './agent.ts:graph' }

describe('the schema of langgraph.json', () => {
  test.each(['resources/demo/langgraph.json', 'scripts/bench/project/langgraph.json', 'scripts/faults/project/langgraph.json'])('takes %s', (file) => expect([isValid(read(file)), isValid.errors]).toEqual([true, null]))

  test.each<object>([
    { graphs: { agent: { path: './agent.ts:graph', description: null } }, unknown_key: 1 },
    { graphs, checkpointer: { ttl: { strategy: 'keep_latest', default_ttl: 1.5, sweep_interval_minutes: 5 } } },
    { graphs, store: { index: { embed: './embed.ts:embed', dims: 8, fields: ['$', 'a[*].b'] }, ttl: { default_ttl: 10, refresh_on_read: false } } },
    { graphs, auth: { path: './auth.ts:auth', disable_studio_auth: true, openapi: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } }, security: [{ bearer: ['read'] }] } } },
    { graphs, http: { cors: { allow_origins: ['https://a.example'], allow_origin_regex: 'https://.*', max_age: 1 }, mount_prefix: '/x', disable_mcp: true, configurable_headers: { includes: ['x-*'] } } },
    { graphs, http: { app: './app.ts:app', middleware_order: 'middleware_first', enable_custom_route_auth: false } },
    { graphs, webhooks: { headers: { a: 'Bearer ${{ env.LG_WEBHOOK_TOKEN }}' }, url: { allowed_domains: ['*.example.com'], allowed_ports: [443], require_https: true } } },
    { graphs, env: { KEY: 'value' } },
    { graphs, ui: { agent: './ui.tsx', 'it\'s ü': '../ui.tsx' }, ui_config: { shared: ['zod', '@acme/frames'], other: 1 } }, { graphs, ui: null, ui_config: null }, { graphs, ui_config: { shared: null } },
  ])('%j is taken by it and by the server', (config) => expect([isRead(config), isValid(config)]).toEqual([true, true]))

  test.each<object>([
    {}, { graphs: {} }, { graphs: { agent: 5 } }, { graphs: { 'a/b': './agent.ts:graph' } }, { graphs: { agent: { description: 'x' } } },
    { graphs, checkpointer: { ttl: { default_ttl: 0 } } }, { graphs, checkpointer: { ttl: { strategy: 'burn' } } }, { graphs, checkpointer: { ttl: 5 } },
    { graphs, store: { index: { embed: './embed.ts:embed' } } }, { graphs, store: { index: { embed: './embed.ts:embed', dims: 0 } } }, { graphs, store: { ttl: { default_ttl: '1h' } } },
    { graphs, auth: {} }, { graphs, auth: { path: './auth.ts:auth', disable_studio_auth: 'no' } }, { graphs, auth: 'auth.ts' }, { graphs, auth: { path: './auth.ts:auth', openapi: { securitySchemes: [] } } }, { graphs, auth: { path: './auth.ts:auth', openapi: { security: [{ bearer: 'read' }] } } },
    { graphs, http: { cors: { allow_origins: 'https://a.example' } } }, { graphs, http: { cors: { allow_origin_regex: '(' } } }, { graphs, http: { disable_runs: 1 } }, { graphs, http: { app: 1 } }, { graphs, http: { middleware_order: 'last' } }, { graphs, http: { enable_custom_route_auth: 'no' } }, { graphs, http: { cors: { max_age: -1 } } },
    { graphs, webhooks: { url: { allowed_ports: [0] } } }, { graphs, webhooks: { headers: { a: 1 } } }, { graphs, webhooks: [] },
    { graphs, ui: ['./ui.tsx'] }, { graphs, ui: { agent: 5 } }, { graphs, ui: { agent: ' ' } }, { graphs, ui: { 'a/b': './ui.tsx' } }, { graphs, ui: { '..': './ui.tsx' } }, { graphs, ui_config: [] }, { graphs, ui_config: { shared: 'zod' } }, { graphs, ui_config: { shared: ['./frames'] } },
  ])('%j is refused by it and by the server', (config) => expect([isRead(config), isValid(config)]).toEqual([false, false]))
})
