/** `*` stands for any one label. */
const labelMatches = (label: string | undefined, wanted: string) => label !== undefined && (wanted === '*' || label === wanted)

/** Prefix and suffix match label by label (§1.6). */
export function namespaceMatches(namespace: readonly string[], prefix: readonly string[], suffix: readonly string[]): boolean {
  if (prefix.length > namespace.length || suffix.length > namespace.length) return false
  const tail = namespace.length - suffix.length
  return prefix.every((label, i) => labelMatches(namespace[i], label)) && suffix.every((label, i) => labelMatches(namespace[tail + i], label))
}
