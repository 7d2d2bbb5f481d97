const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | null => typeof value === 'string' && value !== '' ? value : null

export interface Media {
  readonly kind: 'image' | 'audio' | 'video' | 'file'
  /** A `data:` address, or where it would have to be fetched from. */
  readonly url: string
  readonly name: string | null
}

const KINDS = ['image', 'audio', 'video', 'file'] as const

/** One block of content, in any of the forms that LangChain's messages have: its standard ones, and OpenAI's. */
function mediaIn(block: unknown): Media | null {
  if (!isRecord(block)) return null
  const name = text(isRecord(block['metadata']) ? block['metadata']['filename'] ?? block['metadata']['name'] : null)
  if (block['type'] === 'image_url') {
    const url = text(isRecord(block['image_url']) ? block['image_url']['url'] : block['image_url'])
    return url === null ? null : { kind: 'image', url, name }
  }
  if (block['type'] === 'input_audio' && isRecord(block['input_audio'])) {
    const data = text(block['input_audio']['data'])
    return data === null ? null : { kind: 'audio', url: `data:audio/${text(block['input_audio']['format']) ?? 'wav'};base64,${data}`, name }
  }
  const kind = KINDS.find((candidate) => candidate === block['type'])
  if (!kind) return null
  const data = text(block['data'])
  const mime = text(block['mime_type']) ?? text(block['mimeType']) ?? { image: 'image/png', audio: 'audio/wav', video: 'video/mp4', file: 'application/octet-stream' }[kind]
  const url = data === null ? text(block['url']) : `data:${mime};base64,${data}`
  return url === null ? null : { kind, url, name }
}

/** Pictures, sounds and files in a message's content. */
export const mediaOf = (content: unknown): readonly Media[] => Array.isArray(content) ? content.map(mediaIn).filter((media) => media !== null) : []

/** What a model thought before it spoke: blocks of their own, or what providers put beside the content. */
export function reasoningOf(content: unknown, beside: unknown): string | null {
  const blocks = Array.isArray(content) ? content.filter(isRecord) : []
  const thought = blocks.map((block) => block['type'] === 'reasoning' ? text(block['reasoning']) ?? text(block['text']) : block['type'] === 'thinking' ? text(block['thinking']) : null)
  return text(thought.filter(Boolean).join('\n\n')) ?? (isRecord(beside) ? text(beside['reasoning_content']) : null)
}
