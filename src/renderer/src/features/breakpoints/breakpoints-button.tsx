import { CircleDot } from 'lucide-react'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { allBefore, countOf } from './breakpoints-slice.ts'

const NO_NODES: readonly { id: string | number }[] = []

/** All stops of the chosen assistant at a glance. Servers stop at nodes of the graph itself; those inside subgraphs are not offered. */
export function BreakpointsButton() {
  const marks = useStudio((state) => state.breakpoints[state.selection.assistantId ?? ''])
  const nodes = useStudio((state) => state.graph.drawable?.nodes ?? NO_NODES)
  const { toggleBreakpoint, setBreakpoints } = useStudioActions()
  const names = [...new Set(nodes.map(({ id }) => String(id).split(':', 1)[0]!))].filter((name) => name !== '__start__' && name !== '__end__')
  const count = countOf(marks)
  const items: MenuItem[] = [
    ...names.flatMap((name, i): MenuItem[] => [
      { id: `${name}-before`, label: `Before ${name}`, checked: marks?.[name]?.before ?? false, stay: true, separated: i > 0, onSelect: () => toggleBreakpoint(name, 'before') },
      { id: `${name}-after`, label: `After ${name}`, checked: marks?.[name]?.after ?? false, stay: true, onSelect: () => toggleBreakpoint(name, 'after') },
    ]),
    { id: 'all', label: 'Stop before every node', separated: true, onSelect: () => setBreakpoints(allBefore(names)) },
    { id: 'none', label: 'Clear all', disabled: count === 0, onSelect: () => setBreakpoints({}) },
  ]
  return <Menu trigger={<Button disabled={names.length === 0}><CircleDot aria-hidden />{count === 0 ? 'Breakpoints' : count === 1 ? '1 breakpoint' : `${count} breakpoints`}</Button>} items={items} />
}
