import type { FilePart, GivenPart, Part } from '../contract/a2a.ts'
import { A2aRefusal } from './a2a-refusal.ts'

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const KINDS = new Set(['image', 'audio', 'video'])

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const textIn = (value: unknown): string | undefined => typeof value === 'string' && value !== '' ? value : undefined

/** The parts of a message as they came. Refuses one that holds nothing, or more than one thing. */
export const readParts = (parts: readonly GivenPart[]): Part[] => parts.map((part, i) => {
  const found = contentsOf(part)
  const at = `params/message/parts/${i}`
  if (found.length !== 1) throw new A2aRefusal('invalid_params', `${at} must have one of text, data and a file (raw, url, or file with bytes or uri).`)
  const [content] = found
  if (content && 'raw' in content && !BASE64.test(content.raw)) throw new A2aRefusal('invalid_params', `${at} has a file that is not base64.`)
  return content!
})

function contentsOf({ text, data, file, raw, url, mediaType, filename }: GivenPart): Part[] {
  const about = named(mediaType ?? file?.mimeType, filename ?? file?.name)
  const [bytes, address] = [raw ?? file?.bytes, url ?? file?.uri]
  return [
    ...(text == null ? [] : [{ text }]), ...(data === undefined ? [] : [{ data }]),
    ...(bytes == null ? [] : [{ raw: bytes, ...about }]), ...(address == null ? [] : [{ url: address, ...about }]),
  ]
}

const named = (mediaType: unknown, filename: unknown): { mediaType?: string, filename?: string } =>
  ({ ...(textIn(mediaType) ? { mediaType: String(mediaType) } : {}), ...(textIn(filename) ? { filename: String(filename) } : {}) })

/** What a model is given: the text, or LangChain's content blocks where there is more to it. */
export function contentFrom(parts: readonly Part[]): unknown {
  const [first] = parts
  return parts.length === 1 && first && 'text' in first ? first.text : parts.map(blockOf)
}

function blockOf(part: Part): unknown {
  if ('text' in part) return { type: 'text', text: part.text }
  if ('data' in part) return { type: 'text', text: JSON.stringify(part.data) }
  const { mediaType = 'application/octet-stream', filename } = part
  const kind = mediaType.split('/', 1)[0]!
  return { type: KINDS.has(kind) ? kind : 'file', mimeType: mediaType, ...('raw' in part ? { data: part.raw } : { url: part.url }), ...(filename ? { metadata: { filename } } : {}) }
}

/** The parts of a message of LangChain's: its texts and files. What only a model understands (reasoning, calls of tools) is left out. */
export function partsFrom(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }]
  return Array.isArray(content) ? content.flatMap(partOf) : []
}

function partOf(block: unknown): Part[] {
  if (typeof block === 'string') return partsFrom(block)
  if (!isObject(block)) return []
  if (block['type'] === 'text') return partsFrom(block['text'])
  if (block['type'] === 'image_url') return fileAt(textIn(isObject(block['image_url']) ? block['image_url']['url'] : block['image_url']), {})
  if (block['type'] !== 'file' && !KINDS.has(String(block['type']))) return []
  const metadata = isObject(block['metadata']) ? block['metadata'] : {}
  const about = named(block['mimeType'] ?? block['mime_type'], metadata['filename'] ?? metadata['name'])
  const raw = textIn(block['data']) ?? textIn(block['base64'])
  return raw ? [{ raw, ...about }] : fileAt(textIn(block['url']), about)
}

function fileAt(url: string | undefined, about: { mediaType?: string, filename?: string }): FilePart[] {
  if (!url) return []
  const inline = /^data:([^;,]*);base64,/.exec(url.slice(0, 200))
  return inline ? [{ ...named(inline[1], undefined), ...about, raw: url.slice(inline[0].length) }] : [{ url, ...about }]
}

export const textFrom = (content: unknown): string => partsFrom(content).map((part) => 'text' in part ? part.text : '').join('')

/** The answer to a question: what a single part says, else all of it as content. */
export function answerFrom(parts: readonly Part[]): unknown {
  const [first] = parts
  return parts.length === 1 && first && 'data' in first ? first.data : contentFrom(parts)
}
