import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectServer } from '../start-project-server.ts'

/** The clients, by their short names in `docs/compatibility.md`. */
export const CLIENTS = [
  'js', 'js-remote', 'js-1.6', 'js-0.1', 'js-0.0', 'react', 'react-0.3', 'react-1', 'react-1-ws', 'react-ui', 'python', 'python-sync', 'python-remote', 'mcp', 'a2a',
] as const
export type ClientName = (typeof CLIENTS)[number]

export interface Proofs {
  /** Adds the last test of the suite: the routes proven are those that `docs/compatibility.md` is made from. */
  areAsTold(): void
}

/**
 * Gathers, in the suite where it is called, which routes have served a client: those that answered a test with success, and the
 * test passed. They are kept in `proofs/`; `npm run compatibility` writes them anew.
 */
export function proofsOf(client: ClientName, serverOf: () => ProjectServer): Proofs {
  const proven = new Set<string>()
  let from = 0
  beforeEach(() => { from = serverOf().requests.length })
  afterEach(({ task }) => {
    if (task.result?.errors?.length) return
    for (const { route, isServed } of serverOf().requests.slice(from)) if (isServed()) proven.add(route)
  })
  return {
    areAsTold: () => {
      test('the routes that these tests prove are those that the documentation names', async () => {
        await expect(`${JSON.stringify([...proven].sort(), null, 2)}\n`).toMatchFileSnapshot(join(import.meta.dirname, `proofs/${client}.json`))
      })
    },
  }
}
