export interface Attachment { readonly name: string, readonly mime: string, readonly bytes: number, readonly base64: string }

/** Bytes of one file; it goes into the state as text, with every checkpoint that changes the conversation. */
export const LARGEST = 8_000_000

/** Reads a file; rejects with what to do where it is too large. */
export async function readAttachment(file: File): Promise<Attachment> {
  if (file.size > LARGEST) throw new Error(`${file.name} is too large: at most ${LARGEST / 1_000_000} MB can be attached. Give the graph its address instead.`)
  const url = await new Promise<string>((done, fail) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => done(String(reader.result)))
    reader.addEventListener('error', () => fail(new Error(`${file.name} can't be read.`)))
    reader.readAsDataURL(file)
  })
  return { name: file.name || 'pasted', mime: file.type || 'application/octet-stream', bytes: file.size, base64: url.slice(url.indexOf(',') + 1) }
}

/** Content of a message: plain text, or blocks in the form that models of LangChain read. */
export function contentOf(text: string, attachments: readonly Attachment[]): unknown {
  if (attachments.length === 0) return text
  const words = text ? [{ type: 'text', text }] : []
  return [...words, ...attachments.map(({ name, mime, base64 }) => mime.startsWith('image/')
    ? { type: 'image_url', image_url: { url: `data:${mime};base64,${base64}` } }
    : { type: mime.startsWith('audio/') ? 'audio' : 'file', source_type: 'base64', mime_type: mime, data: base64, metadata: { filename: name } })]
}
