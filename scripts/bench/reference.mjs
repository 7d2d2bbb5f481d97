// The reference: `langgraphjs dev` and LangGraph's own savers, installed once into a folder outside the repository.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const FOLDER = join(tmpdir(), 'superstep-bench')
const MANIFEST = join(import.meta.dirname, 'reference-package.json')
const INSTALL_WITHIN_MS = 300_000

/** The folder with the reference's packages, or null when they cannot be had; `say` gets one line about what happens. */
export function installReference(say) {
  const manifest = readFileSync(MANIFEST, 'utf8')
  const done = join(FOLDER, 'installed.json')
  if (existsSync(done) && readFileSync(done, 'utf8') === manifest) return FOLDER
  say('Installing the reference (langgraphjs dev 1.5.1) once')
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'package.json'), manifest)
  const { status, stderr, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: FOLDER, encoding: 'utf8', timeout: INSTALL_WITHIN_MS, shell: process.platform === 'win32' })
  if (status !== 0) {
    say(`The reference is left out: npm install failed (${(error?.message ?? stderr).trim().split('\n').at(-1)})`)
    return null
  }
  writeFileSync(done, manifest)
  return FOLDER
}

/** A fresh copy of the measured project that finds the reference's packages. */
export function projectFor(folder, name) {
  const project = join(folder, name)
  cpSync(join(import.meta.dirname, 'project'), project, { recursive: true })
  return project
}

export const cliOf = (folder) => join(folder, 'node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs')

/** Programs that start "node" by name get the one that runs the bench. */
export const withThisNode = (env = {}) => ({ ...process.env, ...env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` })
