/** `*` stands for any one label. */
const labelMatches = (label: string | undefined, wanted: string) => label !== undefined && (wanted === '*' || label === wanted)

/** Prefix and suffix match label by label (§1.6). */
export function namespaceMatches(namespace: readonly string[], prefix: readonly string[], suffix: readonly string[]): boolean {
  if (prefix.length > namespace.length || suffix.length > namespace.length) return false
  const tail = namespace.length - suffix.length
  return prefix.every((label, i) => labelMatches(namespace[i], label)) && suffix.every((label, i) => labelMatches(namespace[tail + i], label))
}

/** The labels of a prefix up to its first wildcard. */
export function literalPrefix(prefix: readonly string[]): readonly string[] {
  const wildcard = prefix.indexOf('*')
  return wildcard === -1 ? prefix : prefix.slice(0, wildcard)
}

/** Label by label; the shorter one first. */
export function compareNamespaces(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((label, i) => label !== b[i])
  if (at === -1 || at >= b.length) return a.length - b.length
  return a[at]! < b[at]! ? -1 : 1
}
