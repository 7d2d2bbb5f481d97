import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EmbeddingKind } from '../../engine/graph-worker.ts'
import { EMBEDDING_PROVIDERS, isEmbeddingFile } from '../embedding-providers.ts'
import type { VirtualModules } from './virtual-modules.ts'

/** LangChain's Embeddings, as far as they are used; `embedQuery` is for what is asked. */
interface Embeddings { embedDocuments(texts: readonly string[]): Promise<number[][]>, embedQuery?(text: string): Promise<number[]> }

/** What went wrong while texts were embedded: the configuration, a package, the user's function or its provider. */
export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError'
}

export interface EmbedRequest { readonly texts: readonly string[], readonly kind: EmbeddingKind, readonly dims: number }
/** Vectors as Float32 in little-endian order, one for each text, one after another. Rejects with {@link EmbeddingError}. */
export type Embed = (request: EmbedRequest) => Promise<Uint8Array>

/** A provider may be slow; one that never answers must not keep a request for ever. */
const PATIENCE_MS = 60_000

interface EmbedOptions {
  readonly embed: string
  readonly projectDir: string
  readonly modules: VirtualModules
  /** What the named file exports. Throws why it has no such thing. */
  readonly readFile: () => unknown
}

/** The embedding function of the project. It is made at its first use; what fails is tried again at the next. */
export function createEmbed({ embed, projectDir, modules, readFile }: EmbedOptions): Embed {
  let embeddings: Promise<Embeddings> | null = null
  const open = async () => isEmbeddingFile(embed) ? toEmbeddings(embed, readFile()) : fromProvider(embed, projectDir, modules)
  return async ({ texts, kind, dims }) => {
    try {
      embeddings ??= open()
      const { embedDocuments, embedQuery } = bound(await embeddings)
      const answer = kind === 'query' && embedQuery ? Promise.all(texts.map(embedQuery)) : embedDocuments(texts)
      return encode(await withPatience(answer), texts.length, dims)
    } catch (error) {
      embeddings = null
      if (error instanceof EmbeddingError) throw error
      const message = error instanceof Error ? error.message : String(error)
      throw new EmbeddingError(message.startsWith('store.index.embed') ? message : `store.index.embed (${embed}): ${message}`, { cause: error })
    }
  }
}

function bound(embeddings: Embeddings): Embeddings {
  return { embedDocuments: (texts) => embeddings.embedDocuments(texts), ...(embeddings.embedQuery ? { embedQuery: (text) => embeddings.embedQuery!(text) } : {}) }
}

/** A function of texts, or LangChain's Embeddings. */
function toEmbeddings(embed: string, exported: unknown): Embeddings {
  if (typeof exported === 'function') return { embedDocuments: exported as Embeddings['embedDocuments'] }
  if (typeof exported === 'object' && exported !== null && 'embedDocuments' in exported && typeof exported.embedDocuments === 'function') return exported as Embeddings
  throw new EmbeddingError(`store.index.embed: ${embed} must export a function from texts to vectors, or an Embeddings object with embedDocuments.`)
}

async function fromProvider(embed: string, projectDir: string, modules: VirtualModules): Promise<Embeddings> {
  const colon = embed.indexOf(':')
  const provider = Object.hasOwn(EMBEDDING_PROVIDERS, embed.slice(0, colon)) ? EMBEDDING_PROVIDERS[embed.slice(0, colon)]! : null
  if (!provider) throw new EmbeddingError(`store.index.embed: there is no provider for "${embed}".`)
  const parent = pathToFileURL(join(projectDir, 'package.json')).href
  if (modules.locate(parent, provider.package) === null)
    throw new EmbeddingError(`store.index.embed: "${embed}" needs the package ${provider.package}, which is not installed. Run "npm install ${provider.package}" in ${projectDir}.`)
  const exports = await modules.importFrom(parent, provider.package)
  const Class = exports[provider.className]
  if (typeof Class !== 'function') throw new EmbeddingError(`store.index.embed: the installed ${provider.package} has no ${provider.className}. Install a newer one, or name a file that exports a function.`)
  return new (Class as new (fields: { model: string }) => Embeddings)({ model: embed.slice(colon + 1) })
}

function encode(vectors: unknown, count: number, dims: number): Uint8Array {
  if (!Array.isArray(vectors) || vectors.length !== count) throw new EmbeddingError(`store.index.embed: ${count} texts need ${count} vectors, in a list; ${Array.isArray(vectors) ? `${vectors.length} came` : `it gave a ${typeof vectors}`}.`)
  const bytes = new DataView(new ArrayBuffer(count * dims * 4))
  vectors.forEach((vector: unknown, at) => {
    if (!isVector(vector)) throw new EmbeddingError('store.index.embed: a vector must be a list of numbers.')
    if (vector.length !== dims) throw new EmbeddingError(`store.index.embed: a vector has ${vector.length} numbers, but store.index.dims is ${dims}. Correct dims in langgraph.json.`)
    for (let i = 0; i < dims; i++) {
      if (typeof vector[i] !== 'number' || !Number.isFinite(Math.fround(vector[i]!))) throw new EmbeddingError(`store.index.embed: a vector holds ${String(vector[i])}, which is no number, or too large.`)
      bytes.setFloat32((at * dims + i) * 4, vector[i]!, true)
    }
  })
  return new Uint8Array(bytes.buffer)
}

const isVector = (value: unknown): value is ArrayLike<number> => Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array

async function withPatience<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new EmbeddingError(`store.index.embed: there was no answer within ${PATIENCE_MS / 1000} seconds.`)), PATIENCE_MS)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
