import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
// @ts-expect-error -- a script for plain Node, without types
import * as plans from './plan.mjs'
// @ts-expect-error -- a script for plain Node, without types
import * as rounds from './run-faults.mjs'

interface Figures { accepted: number, kills: { server: number, worker: number, both: number }, killed(): number }
interface Options { seed: number, kills: number, minutes: null, round: number, jobs: number, only: null, keep: boolean, lives: number, cacheDir: string, okWithinMs: number }
const { planRound } = plans as { planRound(seed: number, round: number): unknown }
const { runFaults } = rounds as { runFaults(options: Options): Promise<{ figures: Figures, violations: unknown[] }> }

const cacheDir = mkdtempSync(join(tmpdir(), 'superstep-faults-cache-'))
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))

describe('plans of faults', () => {
  it('are the same for the same seed and round, and others for others', () => {
    expect(planRound(7, 3)).toEqual(planRound(7, 3))
    expect(planRound(7, 3)).not.toEqual(planRound(8, 3))
    expect(planRound(7, 3)).not.toEqual(planRound(7, 4))
  })
})

// Processes are read from /proc.
describe.runIf(process.platform === 'linux')('a server and workers that are killed', () => {
  it('keep what they answered', { timeout: 300_000 }, async () => {
    const { figures, violations } = await runFaults({ seed: 16, kills: 0, minutes: null, round: 0, jobs: 1, only: null, keep: false, lives: 3, cacheDir, okWithinMs: Infinity })
    expect(violations).toEqual([])
    expect(figures.killed()).toBeGreaterThanOrEqual(6)
    expect(figures.kills.server + figures.kills.both).toBeGreaterThan(0)
    expect(figures.kills.worker).toBeGreaterThan(0)
    expect(figures.accepted).toBeGreaterThan(5)
  })
})
