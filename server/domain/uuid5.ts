import { createHash } from 'node:crypto'

/** The namespace the field derives system assistants in: RFC 4122's URL namespace (§3.1). */
const URL_NAMESPACE = Buffer.from('6ba7b8219dad11d180b400c04fd430c8', 'hex')

/** UUID version 5 of a graph id: the id of its system assistant. */
export function systemAssistantId(graphId: string): string {
  const bytes = createHash('sha1').update(URL_NAMESPACE).update(graphId, 'utf8').digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
