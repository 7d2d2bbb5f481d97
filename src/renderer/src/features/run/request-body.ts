import { optionFields, readOptions } from '../../lib/run-options.ts'
import type { StudioState } from '../../app-store.ts'
import type { RunRequest } from './run-slice.ts'

/** What the Studio follows a run by. */
const MODES = ['values', 'updates', 'messages-tuple', 'custom', 'tasks', 'checkpoints']

/** Breakpoints of the chosen assistant as a run takes them; those inside subgraphs are kept by their own path. */
function stopsOf({ breakpoints, selection }: StudioState, side: 'before' | 'after'): string[] {
  const marks = breakpoints[selection.assistantId ?? ''] ?? {}
  return Object.entries(marks).filter(([node, mark]) => mark[side] && !node.includes(':')).map(([node]) => node)
}

/** The body of the request that starts a run (§1.4), as it is sent. */
export function requestBody(state: StudioState, { input, command, checkpointId }: RunRequest): Readonly<Record<string, unknown>> {
  const { assistantId } = state.selection
  const [before, after] = [stopsOf(state, 'before'), stopsOf(state, 'after')]
  return {
    assistant_id: assistantId,
    ...(command ? { command } : { input: input ?? null }),
    ...(checkpointId ? { checkpoint_id: checkpointId } : {}),
    ...(before.length ? { interrupt_before: before } : {}), ...(after.length ? { interrupt_after: after } : {}),
    ...optionFields(readOptions(assistantId)),
    stream_mode: MODES, stream_subgraphs: true, stream_resumable: true, on_disconnect: 'continue',
  }
}
