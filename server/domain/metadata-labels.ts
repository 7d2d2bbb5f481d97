import { hash } from 'node:crypto'

/** An index of a huge document costs more than it saves. */
const MOST_LABELS = 200
/** The only label of metadata with more facts than that: it must be read to know whether it contains something. */
export const OVERFULL = '*'

/**
 * The facts that a filter by containment can ask for, each as one text: the path to a value and the value, or what kind of
 * container stands there. Every item of a list has the path of the list with `[]`, since containment ignores positions.
 * Whatever `contains` a filter has all the labels of that filter, or OVERFULL.
 */
export function labelsOf(metadata: unknown): string[] {
  const found: Labels = new Map()
  return collect(metadata, '', found) ? [...found.keys()] : [OVERFULL]
}

/** Facts to look a filter up by: at most `most`. `areAll`: a thread that has them, contains the filter. */
export function labelsToFind(filter: unknown, most: number): { labels: string[], areAll: boolean } {
  const found: Labels = new Map()
  // What has more facts than the index keeps is only in metadata that has as many.
  if (!collect(filter, '', found)) return { labels: [OVERFULL], areAll: false }
  const labels = [...found.keys()].filter((label) => found.get(label) !== 'implied')
  return { labels: labels.slice(0, most), areAll: labels.length <= most && isToldByLabels(filter) }
}

/** That there is a container is implied by what is in it. */
type Labels = Map<string, 'told' | 'implied'>

/** False when there are too many; also what ends the way down into a document that is too deep. */
function collect(value: unknown, path: string, found: Labels): boolean {
  const items = typeof value !== 'object' || value === null ? [] : Object.entries(value)
  if (path) found.set(`${path}=${nodeText(value)}`, items.length ? 'implied' : 'told')
  if (found.size > MOST_LABELS) return false
  return items.every(([key, inner]) => collect(inner, `${path}${Array.isArray(value) ? '[]' : JSON.stringify(key)}`, found))
}

/** As `===` has it: `1` and `1.0` are one number, `"1"` is another value. */
function nodeText(value: unknown): string {
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object' && value !== null) return '{}'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/**
 * Whether having all labels of the filter is as good as containing it. It is not when one item of a list must have two
 * things at once: the labels don't say which item they come from.
 */
function isToldByLabels(filter: unknown, inList = false): boolean {
  if (typeof filter !== 'object' || filter === null) return true
  const inner: unknown[] = Array.isArray(filter) ? filter : Object.values(filter)
  return (!inList || inner.length <= 1) && inner.every((value) => isToldByLabels(value, inList || Array.isArray(filter)))
}

/** A label as the index keeps it: 64 bits of its hash. */
export function labelHash(text: string): bigint {
  return hash('sha256', text, 'buffer').readBigInt64BE(0)
}
