import { sameJson } from './diff-keys.ts'

export type Mark = 'added' | 'removed' | 'changed' | null

export interface TreeRow {
  readonly path: string
  readonly depth: number
  readonly label: string
  readonly value: unknown
  readonly mark: Mark
  readonly isContainer: boolean
  readonly isOpen: boolean
}

/** Whether a container is open: as the person chose, else by whether something in it changed. */
export type Choices = Readonly<Record<string, boolean>>

const isContainer = (value: unknown): value is Record<string, unknown> | unknown[] => typeof value === 'object' && value !== null
const keysOf = (value: Record<string, unknown> | unknown[]): string[] => Array.isArray(value) ? value.map((_, i) => String(i)) : Object.keys(value)
const childOf = (value: unknown, key: string): unknown => isContainer(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
const has = (value: unknown, key: string): boolean => isContainer(value) && Object.hasOwn(value, key)

/** Lists of things with ids are compared id by id: one put in front does not change all that follow. */
function counterpart(before: unknown, key: string, child: unknown): { found: boolean, value: unknown } {
  const id = isContainer(child) && !Array.isArray(child) ? child['id'] : undefined
  if (Array.isArray(before) && typeof id === 'string') {
    const same = before.find((candidate: unknown) => isContainer(candidate) && !Array.isArray(candidate) && candidate['id'] === id)
    return { found: same !== undefined, value: same }
  }
  return { found: has(before, key), value: childOf(before, key) }
}

const markOf = (found: boolean, before: unknown, after: unknown): Mark => !found ? 'added' : sameJson(before, after) ? null : 'changed'
const OPEN_CHANGES_TO = 3

/**
 * The visible rows of a value as a tree, marked against what was there before (`undefined`: nothing to compare with). Only open
 * containers are looked into, so a large state costs what is shown of it. Pure.
 */
export function treeRows(value: unknown, before: unknown, choices: Choices, onlyChanges = false): TreeRow[] {
  const compares = before !== undefined
  const rows: TreeRow[] = []
  const visit = (parent: Record<string, unknown> | unknown[], was: unknown, path: string, depth: number, inherited: Mark) => {
    for (const key of keysOf(parent)) {
      const child = childOf(parent, key)
      const old = counterpart(was, key, child)
      const mark = !compares ? null : inherited === 'added' ? 'added' : markOf(old.found, old.value, child)
      if (onlyChanges && !mark) continue
      const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      // What was added is opened once; what is inside of it is looked into when wanted.
      const opensItself = mark !== null && !(mark === 'added' && inherited === 'added') && depth < OPEN_CHANGES_TO
      const isOpen = isContainer(child) && (choices[at] ?? (opensItself && keysOf(child).length <= 200))
      rows.push({ path: at, depth, label: key, value: child, mark, isContainer: isContainer(child), isOpen })
      if (isOpen && isContainer(child)) visit(child, old.value, at, depth + 1, mark)
    }
    if (!compares || inherited === 'added' || Array.isArray(parent) || !isContainer(was) || Array.isArray(was)) return
    for (const key of Object.keys(was)) if (!has(parent, key)) rows.push({ path: `${path}/${key}`, depth, label: key, value: was[key], mark: 'removed', isContainer: false, isOpen: false })
  }
  if (isContainer(value)) visit(value, before, '', 0, null)
  return rows
}

const sizes = new WeakMap<object, number>()

/** Bytes as JSON; remembered, since states are never changed in place. */
export function jsonSize(value: unknown): number {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)?.length ?? 0
  const known = sizes.get(value)
  if (known !== undefined) return known
  const size = JSON.stringify(value).length
  sizes.set(value, size)
  return size
}

const LONGEST_WORDS = 120

/** A message is told by who speaks and what is said. */
function messageIn(value: Record<string, unknown>): string | null {
  const { type, role, content } = value
  const who = typeof type === 'string' ? type : role
  if (typeof who !== 'string' || typeof content !== 'string') return null
  return content ? `${who}: ${content.slice(0, LONGEST_WORDS).replace(/\s+/g, ' ')}` : `${who} message`
}

/** A container in a few words. */
export function summarise(value: object): string {
  if (Array.isArray(value)) return value.length === 1 ? '1 item' : `${value.length} items`
  const message = messageIn(value as Record<string, unknown>)
  if (message) return message
  const keys = Object.keys(value)
  return keys.length === 0 ? '{ }' : `{ ${keys.slice(0, 4).join(', ')}${keys.length > 4 ? ', …' : ''} }`
}
