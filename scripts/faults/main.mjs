// `npm run faults [-- --seed N --kills N …]`: see README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { requireNode } from '../require-node.mjs'
import { FAULTS } from './plan.mjs'
import { asMarkdown, asText, describeViolation } from './report.mjs'
import { runFaults } from './run-faults.mjs'

requireNode()
const { values } = parseArgs({ options: {
  seed: { type: 'string', default: '1' }, kills: { type: 'string', default: '200' }, minutes: { type: 'string' }, round: { type: 'string' }, jobs: { type: 'string', default: '2' },
  only: { type: 'string' }, keep: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false }, 'ok-within': { type: 'string', default: '2000' }, markdown: { type: 'string' },
} })
if (values.only !== undefined && !FAULTS.includes(values.only)) {
  console.error(`--only takes one of ${FAULTS.join(', ')}.`)
  process.exit(2)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const number = (text) => text === undefined ? null : Number(text)
const cacheDir = mkdtempSync(join(tmpdir(), 'superstep-faults-cache-'))
const result = await runFaults({
  seed: Number(values.seed), kills: Number(values.kills), minutes: number(values.minutes), round: number(values.round), jobs: Number(values.jobs),
  only: values.only ?? null, keep: values.keep, cacheDir, okWithinMs: Number(values['ok-within']),
  onRound: ({ number, violations, figures }) => {
    console.log(`round ${number}: ${figures.killed()} kills, ${figures.accepted} runs accepted, ${figures.seconds()} s${violations.length ? `, ${violations.length} VIOLATIONS` : ''}`)
    for (const violation of violations) console.error(describeViolation(violation))
  },
  log: values.verbose ? (round, text) => console.log(`  ${(performance.now() / 1000).toFixed(2)} round ${round}: ${text}`) : () => {},
})
rmSync(cacheDir, { recursive: true, force: true })
console.log(asText(result))
if (values.markdown) writeFileSync(values.markdown, asMarkdown(result))
process.exit(result.violations.length ? 1 : 0)
