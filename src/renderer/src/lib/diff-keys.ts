export interface KeyDiff { readonly key: string, readonly kind: 'added' | 'removed' | 'changed' | 'same', readonly before: unknown, readonly after: unknown }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** JSON equality that does not care for the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)]
  return keysA.length === keysB.length && keysA.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}

/** Every key of two objects with how it differs, in the order of the second, those gone at the end. */
export function diffKeys(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): KeyDiff[] {
  const keys = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  return keys.map((key): KeyDiff => {
    const [was, is] = [Object.hasOwn(before, key), Object.hasOwn(after, key)]
    const kind = !was ? 'added' : !is ? 'removed' : sameJson(before[key], after[key]) ? 'same' : 'changed'
    return { key, kind, before: before[key], after: after[key] }
  })
}
