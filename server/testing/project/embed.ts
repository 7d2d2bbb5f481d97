/** Numbers in a vector: each word counts at one of them. */
export const DIMS = 384

function placeOf(word: string): number {
  let hash = 7
  for (const char of word) hash = (hash * 31 + char.charCodeAt(0)) % 1_000_003
  return hash % DIMS
}

function vectorOf(text: string): number[] {
  const vector = Array.from({ length: DIMS }, () => 0)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) vector[placeOf(word)]! += 1
  return vector
}

/** A bag of words: texts are alike as far as they have words in common. */
export async function embed(texts: string[]): Promise<number[][]> {
  if (texts.some((text) => text.includes('unspeakable'))) throw new RangeError('This model has no word for that.')
  return texts.map(vectorOf)
}

export const short = async (texts: string[]) => texts.map(() => [1, 2, 3])
