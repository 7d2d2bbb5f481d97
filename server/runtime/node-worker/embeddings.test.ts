import { describe, expect, test } from 'vitest'
import { createEmbed, type EmbedRequest } from './embeddings.ts'
import type { VirtualModules } from './virtual-modules.ts'

const NO_MODULES: VirtualModules = { add: () => undefined, importFrom: () => Promise.reject(new Error('none')), locate: () => null }
const ask = (change: Partial<EmbedRequest> = {}): EmbedRequest => ({ texts: ['a', 'bb'], kind: 'documents', dims: 2, ...change })
const from = (exported: unknown) => createEmbed({ embed: './embed.ts:embed', projectDir: '/project', modules: NO_MODULES, readFile: () => exported })
const provider = (embed: string, modules: Partial<VirtualModules>) => createEmbed({ embed, projectDir: '/project', modules: { ...NO_MODULES, ...modules }, readFile: () => null })
const floats = (bytes: Uint8Array) => [...new Float32Array(bytes.buffer)]

describe('the embedding function of a project', () => {
  test('is a function of texts, or LangChain\'s Embeddings, which embed a question in their own way', async () => {
    expect(floats(await from(async (texts: string[]) => texts.map((text) => [text.length, 0.5]))(ask()))).toEqual([1, 0.5, 2, 0.5])
    class Model {
      factor = 3
      async embedDocuments(texts: string[]) { return texts.map((text) => [text.length * this.factor, 0]) }
      async embedQuery() { return new Float32Array([0, this.factor]) }
    }
    const embed = from(new Model())
    expect(floats(await embed(ask()))).toEqual([3, 0, 6, 0])
    expect(floats(await embed(ask({ texts: ['a'], kind: 'query' })))).toEqual([0, 3])
  })

  test.each([
    ['something else', 5, /must export a function from texts to vectors, or an Embeddings object/],
    ['nothing', undefined, /must export a function/],
    ['one that gives no list', () => ({}), /2 texts need 2 vectors, in a list; it gave a object/],
    ['one that gives too few', () => [[1, 2]], /2 texts need 2 vectors, in a list; 1 came/],
    ['vectors of another length', () => [[1, 2], [1, 2, 3]], /a vector has 3 numbers, but store\.index\.dims is 2/],
    ['vectors of other things', () => [[1, 2], ['1', '2']], /holds 1, which is no number/],
    ['numbers that are none', () => [[1, 2], [1, NaN]], /holds NaN, which is no number/],
    ['numbers that Float32 can\'t hold', () => [[1, 2], [1, 1e300]], /holds 1e\+300, which is no number, or too large/],
    ['texts for vectors', () => ['ab', 'cd'], /a vector must be a list of numbers/],
    ['one that throws', () => { throw new TypeError('quota') }, /store\.index\.embed \(\.\/embed\.ts:embed\): quota/],
  ])('%s is refused in words', async (_name, exported, message) => {
    await expect(from(exported)(ask())).rejects.toMatchObject({ name: 'EmbeddingError', message: expect.stringMatching(message) as string })
  })

  test('is made again after a failure', async () => {
    let times = 0
    const embed = provider('ollama:all-minilm', {
      locate: () => 'file:///x.js',
      importFrom: async () => ({
        OllamaEmbeddings: class {
          constructor(fields: object) { if (times++ === 0) throw new Error(`no server for ${JSON.stringify(fields)}`) }
          embedDocuments = async () => [[1, 0], [0, 1]]
        },
      }),
    })
    await expect(embed(ask())).rejects.toThrow(/no server for {"model":"all-minilm"}/)
    expect(floats(await embed(ask()))).toEqual([1, 0, 0, 1])
    expect(floats(await embed(ask()))).toEqual([1, 0, 0, 1])
    expect(times).toBe(2)
  })

  test('of a provider needs its package, in a version that has it', async () => {
    await expect(provider('openai:text-embedding-3-small', {})(ask())).rejects.toThrow('"openai:text-embedding-3-small" needs the package @langchain/openai, which is not installed. Run "npm install @langchain/openai" in /project.')
    await expect(provider('openai:x', { locate: () => 'file:///x.js', importFrom: async () => ({}) })(ask())).rejects.toThrow(/@langchain\/openai has no OpenAIEmbeddings/)
    await expect(provider('constructor:x', {})(ask())).rejects.toThrow(/there is no provider/)
  })
})
