import { resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ProjectError } from './project-error.ts'
import { readProject } from './read-project.ts'
import { createFolder } from './testing/start-cli.ts'

const project = createFolder({ 'langgraph.json': '{}' })
afterAll(() => project.remove())

const FILE = resolve(project.folder, 'langgraph.json')
const graphs = { agent: './agent.ts:graph' }

function read(file: object, env: Record<string, string>) {
  project.write('langgraph.json', JSON.stringify(file))
  return readProject(FILE, env)
}

describe('a variable', () => {
  test('stands in for a key that is not in langgraph.json', () => {
    const config = read({ graphs: null }, {
      LANGSERVE_GRAPHS: '{"agent": {"path": "./agent.ts:graph", "description": "Helps."}}', LANGGRAPH_STORE: '{"ttl": {"default_ttl": 5}}', LANGGRAPH_AUTH: '{"path": "./auth.ts:auth"}',
      LANGGRAPH_HTTP: '{"disable_store": true, "app": "./app.ts:app"}', LANGGRAPH_WEBHOOKS: '{"url": {"require_https": true}}', LANGGRAPH_UI: '{"agent": "./ui.tsx"}', LANGGRAPH_UI_CONFIG: '{"shared": ["charts"]}', LANGGRAPH_CHECKPOINTER: '{"ttl": {"default_ttl": 7}}', MOUNT_PREFIX: '/agents', CORS_ALLOW_ORIGINS: 'https://a.com, https://b.com',
    })
    expect(config).toMatchObject({
      graphs: { agent: { path: './agent.ts:graph', description: 'Helps.' } }, store: { defaultTtl: 5 }, auth: { path: './auth.ts:auth' }, webhooks: { rules: { requireHttps: true } }, threadTtl: { ttl_minutes: 7 },
      ui: { shared: ['charts'] },
      http: { app: './app.ts:app', disabled: ['store'], mountPrefix: '/agents', origins: ['https://a.com', 'https://b.com'] },
    })
    expect([...config.ui.files]).toEqual([['agent', resolve(project.folder, 'ui.tsx')]])
  })

  test('yields to the key, whole', () => {
    const config = read({ graphs, store: { ttl: { default_ttl: 1 } }, http: { cors: { allow_origins: ['https://file.com'] }, mount_prefix: '/file' } }, {
      LANGSERVE_GRAPHS: '{"other": "./other.ts"}', LANGGRAPH_STORE: 'not even JSON', LANGGRAPH_HTTP: '{"disable_store": true}', CORS_CONFIG: '{"max_age": 5}', CORS_ALLOW_ORIGINS: 'https://variable.com', MOUNT_PREFIX: '/variable',
    })
    expect(config).toMatchObject({ graphs: { agent: {} }, store: { defaultTtl: 1 }, http: { disabled: [], origins: ['https://file.com'], cors: { maxAge: 600 }, mountPrefix: '/file' } })
  })

  test('says what pages may do', () => {
    expect(read({ graphs, http: { disable_runs: true } }, { CORS_CONFIG: '{"max_age": 5}', CORS_ALLOW_ORIGINS: 'https://a.com' }).http).toMatchObject({ disabled: ['runs'], origins: ['https://a.com'], cors: { maxAge: 5 } })
    expect(read({ graphs }, { CORS_CONFIG: '{"allow_origins": ["https://b.com"]}', CORS_ALLOW_ORIGINS: 'https://a.com' }).http.origins).toEqual(['https://b.com'])
  })

  test('may be in the env file too, where the shell goes before it', () => {
    project.write('.env', 'CORS_ALLOW_ORIGINS=https://file.com\nMOUNT_PREFIX=/file\n')
    expect(read({ graphs, env: '.env' }, { MOUNT_PREFIX: '/shell' }).http).toMatchObject({ origins: ['https://file.com'], mountPrefix: '/shell' })
  })

  test('with the graphs makes up for a file that is not there', () => {
    const missing = resolve(project.folder, 'elsewhere.json')
    expect(readProject(missing, { LANGSERVE_GRAPHS: JSON.stringify(graphs) })).toMatchObject({ folder: project.folder, graphs: { agent: {} }, watched: [missing] })
    expect(() => readProject(missing, {})).toThrow('There is no such file.')
  })

  test('that is empty is none', () => expect(read({ graphs }, { LANGGRAPH_STORE: '', CORS_CONFIG: '', LANGGRAPH_CONFIG: '' }).store.defaultTtl).toBeNull())

  test.each<[Record<string, string>, string]>([
    [{ LANGGRAPH_STORE: '{' }, 'LANGGRAPH_STORE: This is not valid JSON'], [{ LANGGRAPH_UI: '[]' }, 'LANGGRAPH_UI: This must be a JSON object.'], [{ LANGGRAPH_UI_CONFIG: '7' }, 'LANGGRAPH_UI_CONFIG: This must be a JSON object.'],
    [{ LANGGRAPH_UI: '{"agent": 5}' }, 'LANGGRAPH_UI → ui.agent: '], [{ LANGGRAPH_UI_CONFIG: '{"shared": "charts"}' }, 'LANGGRAPH_UI_CONFIG → ui_config.shared: '], [{ LANGGRAPH_HTTP: '{"app": 5}' }, 'LANGGRAPH_HTTP → http.app: '],
    [{ LANGGRAPH_STORE: '{"ttl": 5}' }, 'LANGGRAPH_STORE → store.ttl: This must be an object. For example'], [{ LANGGRAPH_AUTH: '{}' }, 'LANGGRAPH_AUTH → auth: '],
    [{ LANGGRAPH_HTTP: '{"disable_runs": 1}' }, 'LANGGRAPH_HTTP → http.disable_runs: '], [{ LANGGRAPH_WEBHOOKS: '{"url": 1}' }, 'LANGGRAPH_WEBHOOKS → webhooks.url: '], [{ LANGGRAPH_CHECKPOINTER: '{"ttl": 1}' }, 'LANGGRAPH_CHECKPOINTER → checkpointer.ttl: '],
    [{ CORS_CONFIG: '{"max_age": -1}' }, 'CORS_CONFIG → http.cors.max_age: '], [{ MOUNT_PREFIX: 'agents' }, 'MOUNT_PREFIX → http.mount_prefix: '], [{ LANGGRAPH_HTTP: '{"cors": {"max_age": -1}}' }, 'LANGGRAPH_HTTP → http.cors.max_age: '],
    [{ LANGGRAPH_CONFIG: '{"other": {}}' }, 'LANGGRAPH_CONFIG → other: There is no such graph. Name one of agent.'], [{ LANGGRAPH_CONFIG: '{"agent": 5}' }, 'LANGGRAPH_CONFIG → agent: This must be an object.'],
    [{ LANGGRAPH_CONFIG: '{"agent": {"context": 5}}' }, 'LANGGRAPH_CONFIG → agent.context: '], [{ LANGGRAPH_CONFIG: '{"agent": {"configurable": []}}' }, 'LANGGRAPH_CONFIG → agent.configurable: '],
    [{ LANGGRAPH_CONFIG: '{"agent": {"tags": [1]}}' }, 'LANGGRAPH_CONFIG → agent.tags: '], [{ LANGGRAPH_CONFIG: '{"agent": {"recursion_limit": 0}}' }, 'LANGGRAPH_CONFIG → agent.recursion_limit: '],
    [{ LANGGRAPH_CONFIG: '{"agent": {"configurable": {"a": 1}, "context": {"a": 1}}}' }, 'LANGGRAPH_CONFIG → agent: This has both'],
  ])('that is wrong is named: %j', (env, message) => {
    expect(() => read({ graphs }, env)).toThrow(ProjectError)
    expect(() => read({ graphs }, env)).toThrow(message)
  })

  test('is not blamed for what the file says', () => expect(() => read({ graphs, store: { ttl: 5 } }, { LANGGRAPH_STORE: '{}' })).toThrow(`${FILE} → store.ttl: `))

  test('with the configuration of graphs is for their system assistants', () => {
    expect(read({ graphs }, { LANGGRAPH_CONFIG: '{"agent": {"tags": ["a"], "recursion_limit": 5, "configurable": {"model": "small"}}}' }).assistantDefaults).toEqual({ agent: { config: { tags: ['a'], recursion_limit: 5, configurable: { model: 'small' } }, context: {} } })
    expect(read({ graphs }, { LANGGRAPH_CONFIG: '{"agent": {"context": {"model": "small"}}}' }).assistantDefaults).toEqual({ agent: { config: {}, context: { model: 'small' } } })
  })
})
