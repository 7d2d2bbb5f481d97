import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { MOST_TTL_MINUTES } from '../contract/thread.ts'
import { PLAIN_STORE, type StoreConfig, type StoreIndex } from '../domain/store-config.ts'
import { EMBEDDING_PROVIDERS, isEmbeddingFile } from '../runtime/embedding-providers.ts'
import { isObject, ProjectError, type Raw } from './project-error.ts'

const MOST_DIMS = 65_536

type Refuse = (key: string, problem: string, remedy: string) => ProjectError

/** `store` of langgraph.json (§3.11, §3.12). A store of the user's own (`path`) and the sweep's interval are not read. Throws {@link ProjectError}. */
export function readStore(store: unknown, folder: string, configPath: string): StoreConfig {
  const refuse: Refuse = (key, problem, remedy) => new ProjectError(configPath, `store${key}`, problem, remedy)
  if (store === undefined || store === null) return PLAIN_STORE
  if (!isObject(store)) throw refuse('', 'This must be an object.', 'For example {"ttl": {"default_ttl": 43200}}.')
  return { ...readTtl(store['ttl'], refuse), index: readIndex(store['index'], folder, refuse) }
}

function readTtl(ttl: unknown, refuse: Refuse): Pick<StoreConfig, 'refreshOnRead' | 'defaultTtl'> {
  if (ttl === undefined || ttl === null) return PLAIN_STORE
  if (!isObject(ttl)) throw refuse('.ttl', 'This must be an object.', 'For example {"default_ttl": 43200, "refresh_on_read": true} (minutes).')
  const { refresh_on_read: refreshOnRead = true, default_ttl: minutes = null } = ttl
  if (typeof refreshOnRead !== 'boolean') throw refuse('.ttl.refresh_on_read', 'This must be true or false.', 'True, which holds without it, gives an item its whole time again whenever it is read.')
  if (minutes !== null && (typeof minutes !== 'number' || !(minutes > 0) || minutes > MOST_TTL_MINUTES))
    throw refuse('.ttl.default_ttl', 'This must be a number of minutes above 0.', 'For example 43200 for thirty days; without it items stay for ever.')
  return { refreshOnRead, defaultTtl: minutes }
}

function readIndex(index: unknown, folder: string, refuse: Refuse): StoreIndex | null {
  if (index === undefined || index === null) return null
  if (!isObject(index)) throw refuse('.index', 'This must be an object.', 'For example {"embed": "openai:text-embedding-3-small", "dims": 1536}.')
  return { embed: readEmbed(index['embed'], folder, refuse), dims: readDims(index['dims'], refuse), fields: readFields(index, refuse) }
}

function readEmbed(embed: unknown, folder: string, refuse: Refuse): string {
  if (typeof embed !== 'string' || embed.trim() === '') throw refuse('.index.embed', 'This must be "provider:model" or "path:export".', 'For example "openai:text-embedding-3-small" or "./src/embed.ts:embed".')
  if (isEmbeddingFile(embed)) {
    const file = resolve(folder, embed.replace(/(?<=..):[^:\\/]*$/, ''))
    if (file.endsWith('.py')) throw refuse('.index.embed', 'A function in Python can\'t be used.', 'Export one from a TypeScript or JavaScript file: async (texts: string[]) => number[][].')
    if (!existsSync(file)) throw refuse('.index.embed', `The file ${file} does not exist.`, 'Correct the path.')
    return embed
  }
  const provider = embed.slice(0, Math.max(embed.indexOf(':'), 0))
  if (!Object.hasOwn(EMBEDDING_PROVIDERS, provider) || embed.length <= provider.length + 1)
    throw refuse('.index.embed', `There is no provider for ${JSON.stringify(embed)}.`, `Use ${Object.keys(EMBEDDING_PROVIDERS).join(', ')} with a model, as in "openai:text-embedding-3-small", or a file, as in "./src/embed.ts:embed".`)
  return embed
}

function readDims(dims: unknown, refuse: Refuse): number {
  if (typeof dims === 'number' && Number.isInteger(dims) && dims >= 1 && dims <= MOST_DIMS) return dims
  throw refuse('.index.dims', dims === undefined ? 'It is missing.' : `This must be a whole number from 1 to ${MOST_DIMS}.`, 'It says how many numbers a vector of the model has: 1536 for "openai:text-embedding-3-small".')
}

function readFields({ fields }: Raw, refuse: Refuse): readonly string[] {
  if (fields === undefined || fields === null) return ['$']
  if (Array.isArray(fields) && fields.length > 0 && fields.every((field): field is string => typeof field === 'string' && field !== '')) return fields
  throw refuse('.index.fields', 'This must be a list of paths.', 'For example ["text", "facts[*].text"]; without it the whole value is embedded.')
}
