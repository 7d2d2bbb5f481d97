// `npm test`: everything, in the order in which a mistake shows soonest. Ends with one line of counts.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findChromium } from './find-chromium.mjs'
import { requireNode } from './require-node.mjs'

requireNode()
const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs a step; its own output is shown as it comes. */
function step(title, command, args, env = {}) {
  console.log(`\n▸ ${title}`)
  const started = Date.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32', env: { ...process.env, ...env } })
  console.log(`  ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return status === 0
}

function add({ passed = 0, failed = 0, skipped = 0 }) {
  counts.passed += passed
  counts.failed += failed
  counts.skipped += skipped
}

function addCheck(ok) {
  add(ok ? { passed: 1 } : { failed: 1 })
  return ok
}

/** Reads what a runner wrote; a runner that wrote nothing has failed as a whole. */
function addReport(file, ok, read) {
  if (!existsSync(file)) return add({ failed: 1 })
  const result = read(JSON.parse(readFileSync(file, 'utf8')))
  add(result)
  if (!ok && !result.failed) add({ failed: 1 })
}

addCheck(step('Build', 'node', ['scripts/build.mjs']))
addCheck(step('Types', 'npx', ['tsc', '--noEmit']))
addCheck(step('Lint', 'npx', ['oxlint', '--deny-warnings']))
addCheck(step('Layers', 'npx', ['depcruise', 'server', 'src', '--config', '.dependency-cruiser.cjs']))

// Some tests of the server open a page.
const chromium = findChromium()
const unit = 'test-results/unit.json'
addReport(unit, step('Unit and integration tests', 'npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${unit}`], chromium ? { CHROMIUM_PATH: chromium } : {}), (report) =>
  ({ passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests }))

// One round of them is among the unit tests; whoever has the time names a number. Linux: processes are read from /proc.
const kills = process.env['FAULT_KILLS']
if (kills && process.platform === 'linux')
  addCheck(step(`Up to ${kills} kills`, 'node', ['scripts/faults/main.mjs', '--kills', kills, '--minutes', process.env['FAULT_MINUTES'] ?? '5', '--seed', process.env['FAULT_SEED'] ?? '1', '--ok-within', '5000']))

if (chromium) {
  const e2e = 'test-results/e2e.json'
  addReport(e2e, step('Journeys in Chromium', 'npx', ['playwright', 'test'], { PLAYWRIGHT_JSON_OUTPUT_NAME: e2e, CHROMIUM_PATH: chromium }), ({ stats }) =>
    ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }))
} else add({ failed: 1 })

console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed ? 1 : 0)
