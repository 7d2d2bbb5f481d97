import { EMPTY_SELECTION, VIEWS, type Selection } from './selection-slice.ts'

const KEYS = { assistant: 'assistantId', thread: 'threadId', checkpoint: 'checkpointId', node: 'node' } as const

/** `#/studio?assistant=…&thread=…&checkpoint=…&node=…` */
export function toHash(selection: Selection): string {
  const query = new URLSearchParams(Object.entries(KEYS).flatMap(([name, key]) => selection[key] ? [[name, selection[key]]] : []))
  return `#/${selection.view}${query.size ? `?${query}` : ''}`
}

/** Reads what it can; what it can't is left out. */
export function fromHash(hash: string): Selection {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const params = new URLSearchParams(query)
  const view = VIEWS.find((candidate) => candidate === path) ?? 'studio'
  return { ...EMPTY_SELECTION, view, ...Object.fromEntries(Object.entries(KEYS).map(([name, key]) => [key, params.get(name)])) }
}
