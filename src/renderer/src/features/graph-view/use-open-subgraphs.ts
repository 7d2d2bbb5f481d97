import { useCallback, useMemo, useState } from 'react'
import { useStudio } from '../../app-store.ts'
import type { Drawable } from '../../canvas/graph-to-flow.ts'

/** Paths of subgraphs that a run is inside of. One text, so that the selector's answer is stable. */
const runningInside = (nodes: Readonly<Record<string, { readonly live: number }>>): string =>
  [...new Set(Object.entries(nodes).filter(([path, node]) => path.includes(':') && node.live > 0).map(([path]) => path.split(':').slice(0, -1).join(':')))].sort().join('\n')

/** Which subgraphs are open: as the person chose; where no choice was made, those that execution is or was inside of. */
export function useOpenSubgraphs(drawable: Drawable | null): [ReadonlySet<string>, (path: string) => void] {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({})
  const inside = useStudio((state) => runningInside(state.runView.nodes))
  const [visited, setVisited] = useState('')
  if (inside && !inside.split('\n').every((path) => visited.split('\n').includes(path))) setVisited([...new Set([...visited.split('\n'), ...inside.split('\n')])].filter(Boolean).join('\n'))
  const open = useMemo(() => {
    const known = new Set((drawable?.nodes ?? []).flatMap(({ id }) => String(id).split(':').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join(':'))))
    return new Set([...known].filter((path) => chosen[path] ?? visited.split('\n').includes(path)))
  }, [drawable, chosen, visited])
  const toggle = useCallback((path: string) => setChosen((before) => ({ ...before, [path]: !(before[path] ?? open.has(path)) })), [open])
  return [open, toggle]
}
