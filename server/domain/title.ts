const LONGEST = 120

/** A thread is named after the first words that a person put into it: a message, or the first text of the input. */
export function titleOf(input: unknown): string | null {
  const text = firstText(input, 0)?.replace(/\s+/g, ' ').trim()
  if (!text) return null
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function firstText(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value.trim() ? value : null
  if (typeof value !== 'object' || value === null || depth > 4) return null
  const record = value as Record<string, unknown>
  const inner = Array.isArray(value) ? value : 'content' in record ? [record['content']] : 'messages' in record ? [record['messages']] : 'text' in record ? [record['text']] : Object.values(record)
  for (const item of inner) {
    const found = firstText(item, depth + 1)
    if (found) return found
  }
  return null
}
