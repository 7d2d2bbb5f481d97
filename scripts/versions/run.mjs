// `npm run versions [name…]`: the built server on projects with older and newer LangGraph versions, installed from the
// registry into temporary folders. Prints a table; ends with 1 when a check fails. Not part of `npm test`.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@langchain/langgraph-sdk'
import { startCli } from '../../server/cli/testing/start-cli.ts'
import { requireNode } from '../require-node.mjs'
import { CHECKS } from './checks.mjs'

requireNode()

/** One of each line, with packages that install together. */
const VERSIONS = {
  '0.2.30': { core: '0.3.80' },
  '0.2.74': { core: '0.3.80' },
  '0.3.12': { core: '0.3.80' },
  '0.4.9': { core: '0.3.80' },
  '1.0.15': { core: '1.2.13' },
  '1.2.9': { core: '1.2.13' },
  '1.4.18': { core: '1.2.13', sdk: '1.12.4' },
}
const CHECK_MS = 60_000
const INSTALL_MS = 180_000

function install(folder, version, { core, sdk }) {
  const dependencies = { '@langchain/langgraph': version, '@langchain/core': core, ...(sdk ? { '@langchain/langgraph-sdk': sdk } : {}) }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, encoding: 'utf8', timeout: INSTALL_MS, shell: process.platform === 'win32' })
  return status === 0 ? null : stderr.trim().split('\n')[0] || 'npm did not end in time'
}

function featuresOf(folder, version) {
  const { stdout } = spawnSync(process.execPath, ['probe.mjs'], { cwd: folder, encoding: 'utf8' })
  const [major, minor] = version.split('.').map(Number)
  return { ...JSON.parse(stdout), tasks: major > 0 || minor >= 4 }
}

function makeProject(version, packages) {
  const folder = mkdtempSync(join(tmpdir(), 'superstep-versions-'))
  cpSync(join(import.meta.dirname, 'project'), folder, { recursive: true })
  const failure = install(folder, version, packages)
  if (failure) return { folder, failure }
  const has = featuresOf(folder, version)
  const graphs = Object.fromEntries(['approval', 'fanOut', 'nested', 'remembering', 'slow'].map((name) => [name, `./graphs.mjs:${name}`]))
  if (has.functional) graphs.functional = './functional.mjs:functional'
  writeFileSync(join(folder, 'langgraph.json'), JSON.stringify({ graphs }))
  return { folder, has }
}

async function runCheck(check, context) {
  const late = AbortSignal.timeout(CHECK_MS)
  try {
    return await Promise.race([check(context), new Promise((_, reject) => late.addEventListener('abort', () => reject(new Error('not done in time'))))]) ?? 'ok'
  } catch (error) {
    return `FAILED: ${error.message.trim()}`
  }
}

async function checkVersion({ folder, has }) {
  const start = (port) => startCli(['--config', join(folder, 'langgraph.json'), '--no-reload', '--port', String(port)], { env: { SUPERSTEP_TOKEN: '' } })
  let server = await start(0)
  const { port } = new URL(server.url)
  const client = new Client({ apiUrl: server.url, callerOptions: { maxRetries: 0 } })
  const restart = async () => {
    await server.end('SIGTERM')
    server = await start(port)
  }
  const results = {}
  try {
    for (const [name, check] of CHECKS) results[name] = await runCheck(check, { client, restart, has })
  } finally {
    await server.end('SIGTERM')
  }
  return results
}

const wanted = process.argv.slice(2)
const table = {}
for (const [version, packages] of Object.entries(VERSIONS)) {
  if (wanted.length > 0 && !wanted.includes(version)) continue
  const project = makeProject(version, packages)
  try {
    if (project.failure) console.log(`${version}: skipped, its packages can't be installed here (${project.failure})`)
    else {
      table[version] = await checkVersion(project)
      for (const [name, result] of Object.entries(table[version])) if (result.startsWith('FAILED')) console.log(`${version}, ${name}: ${result}`)
    }
  } finally {
    if (existsSync(project.folder)) rmSync(project.folder, { recursive: true, force: true })
  }
}
console.table(Object.fromEntries(CHECKS.map(([name]) => [name, Object.fromEntries(Object.entries(table).map(([version, results]) => [version, results[name].split(':')[0]]))])))
process.exit(Object.values(table).some((results) => Object.values(results).some((result) => result.startsWith('FAILED'))) ? 1 : 0)
