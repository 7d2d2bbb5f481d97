/** A tail after the colon is the task's id: it counts only where the filter has one. */
const segmentMatches = (segment: string, wanted: string) => segment === wanted || (!wanted.includes(':') && segment.split(':', 1)[0] === wanted)

/**
 * Whether an event is of the root, or at or below one of the namespaces (§2.4). An event's name is `mode|segment|segment`, a
 * namespace is the segments joined by `|`, each with its task's id or without.
 */
export function isInside(event: string, namespaces: readonly string[]): boolean {
  const [, ...path] = event.split('|')
  if (path.length === 0) return true
  return namespaces.map((namespace) => namespace === '' ? [] : namespace.split('|'))
    .some((wanted) => wanted.length <= path.length && wanted.every((segment, i) => segmentMatches(path[i]!, segment)))
}
