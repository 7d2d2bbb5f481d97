import { pieceRefs } from './piece-refs.ts'

/** `refs`: the pieces it is made of, each as often as it is read. */
export interface StoredFormFacts { readonly refs: readonly string[], readonly depth: number }

/** Deeper than anything a client may send; readers recurse. */
export const DEEPEST = 500

/**
 * Checks text that somebody else says is in stored form (see `encode-value.ts`), so that no reader fails on it later.
 * Throws an Error that says what is wrong.
 */
export function checkStoredForm(json: string): StoredFormFacts {
  const refs: string[] = []
  let depth = 0
  const value = parse(json)
  walk(value, (one, level) => {
    depth = Math.max(depth, level)
    if (!isRecord(one)) return
    const tag = one['$']
    if (tag === undefined) return
    if (typeof tag !== 'string' || TAGS[tag]?.(one) === false) throw new Error(`a value tagged ${JSON.stringify(tag)} has not the form of one`)
    if (tag === 'p') refs.push(one['h'] as string)
  })
  // The sweep finds references in the text: one it can't see would lose its piece.
  if (pieceRefs(json).toSorted().join() !== refs.toSorted().join()) throw new Error('a reference to a piece is not written as it must be')
  return { refs, depth }
}

/** Refuses what no reader may meet: too deep, or a key that would change a prototype. */
export function checkPlain(value: unknown): void {
  walk(value, () => {})
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new Error(`a stored value is not JSON (${(error as Error).message})`, { cause: error })
  }
}

/** Without recursion: depth is what is being checked. */
function walk(root: unknown, visit: (value: unknown, depth: number) => void): void {
  const stack: [unknown, number][] = [[root, 1]]
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [value, depth] = top
    if (depth > DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`)
    visit(value, depth)
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, '__proto__')) throw new Error('it holds the key __proto__')
    for (const child of Object.values(value)) stack.push([child, depth + 1])
  }
}

type Tagged = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Tagged => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown) => typeof value === 'string'
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
/** Large parts are elsewhere: what they are is checked there. */
const isElsewhere = (value: unknown) => isRecord(value) && (value['$'] === 'p' || value['$'] === 'l')
const isList = (value: unknown) => Array.isArray(value) || isElsewhere(value)
const isPairs = (value: unknown) => isElsewhere(value) || (Array.isArray(value) && value.every((pair) => isElsewhere(pair) || (Array.isArray(pair) && pair.length === 2)))

const TAGS: Readonly<Record<string, (value: Tagged) => boolean>> = Object.assign(Object.create(null) as object, {
  p: ({ h, n }: Tagged) => typeof h === 'string' && /^[\w-]{27}$/.test(h) && isCount(n),
  l: ({ c }: Tagged) => Array.isArray(c) && c.every(isList),
  o: ({ v }: Tagged) => Array.isArray(v) && v.every((pair) => Array.isArray(pair) && pair.length === 2 && isText(pair[0])),
  n: ({ v }: Tagged) => isText(v),
  i: ({ v }: Tagged) => typeof v === 'string' && /^-?\d{1,10000}$/.test(v),
  d: ({ v }: Tagged) => v === null || isText(v),
  m: ({ v }: Tagged) => isPairs(v),
  s: ({ v }: Tagged) => isList(v),
  r: ({ v }: Tagged) => Array.isArray(v) && v.length === 2 && v.every(isText),
  e: ({ v }: Tagged) => isRecord(v),
  b: ({ v }: Tagged) => isText(v),
  lc: ({ id, v }: Tagged) => Array.isArray(id) && id.every(isText) && isRecord(v),
})
