export interface NamespaceNode {
  readonly path: readonly string[]
  readonly label: string
  readonly children: readonly NamespaceNode[]
}

export const pathKey = (path: readonly string[]): string => JSON.stringify(path)

/** Namespaces as a tree by their labels, in order. A part on the way that holds no items of its own is there too. */
export function namespaceTree(namespaces: readonly (readonly string[])[], above: readonly string[] = []): NamespaceNode[] {
  const below = namespaces.filter((namespace) => namespace.length > above.length)
  const labels = [...new Set(below.map((namespace) => namespace[above.length]!))].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return labels.map((label) => {
    const path = [...above, label]
    return { path, label, children: namespaceTree(below.filter((namespace) => namespace[above.length] === label), path) }
  })
}

export interface NamespaceRow { readonly node: NamespaceNode, readonly depth: number, readonly isOpen: boolean }

/** The rows that are seen: those under open ones. */
export const visibleRows = (nodes: readonly NamespaceNode[], closed: ReadonlySet<string>, depth = 0): NamespaceRow[] =>
  nodes.flatMap((node) => {
    const isOpen = node.children.length > 0 && !closed.has(pathKey(node.path))
    return [{ node, depth, isOpen }, ...(isOpen ? visibleRows(node.children, closed, depth + 1) : [])]
  })

/** A namespace as it is typed: labels between slashes. Null where servers would refuse it, with the reason. */
export function readNamespace(text: string): { readonly labels: readonly string[], readonly problem: null } | { readonly labels: null, readonly problem: string } {
  const labels = text.split('/').map((label) => label.trim())
  const refuse = (problem: string) => ({ labels: null, problem })
  if (labels.some((label) => label === '')) return refuse(text.trim() ? 'A label is empty.' : 'A namespace needs at least one label.')
  if (labels.some((label) => label.includes('.'))) return refuse('Labels can\'t have dots.')
  if (labels[0] === 'langgraph') return refuse('“langgraph” is kept for the server itself.')
  return { labels, problem: null }
}

/** A value in one line, for lists. */
export function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
