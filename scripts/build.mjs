// `npm run build`: the server, then the desktop shell and the Studio. Does nothing when nothing changed; --force builds all the same.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireNode } from './require-node.mjs'

requireNode()
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = join(ROOT, 'out', '.stamp')
const SOURCES = ['server', 'src', 'package-lock.json', 'electron.vite.config.ts', 'vite.server.config.ts', 'tsconfig.json']

function* filesOf(path) {
  const full = join(ROOT, path)
  if (!existsSync(full)) return
  const entries = readdirSafe(full)
  if (!entries) return yield path
  for (const entry of entries.sort()) yield* filesOf(`${path}/${entry}`)
}

function readdirSafe(path) {
  try {
    return readdirSync(path)
  } catch (error) {
    if (error.code === 'ENOTDIR') return null
    throw error
  }
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const path of SOURCES) for (const file of filesOf(path)) if (!/\.test\.tsx?$/.test(file)) hash.update(file).update('\0').update(readFileSync(join(ROOT, file)))
  return hash.digest('hex')
}

function run(title, args) {
  const started = Date.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) {
    console.error(`${stdout}\n${stderr}\nBuilding ${title} failed.`)
    process.exit(status ?? 1)
  }
  console.log(`Built ${title} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

const now = fingerprint()
const isFresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === now
if (isFresh && !process.argv.includes('--force')) process.exit(0)

run('the server', ['node_modules/vite/bin/vite.js', 'build', '-c', 'vite.server.config.ts'])
run('the Studio and the desktop shell', ['node_modules/electron-vite/bin/electron-vite.js', 'build'])
mkdirSync(join(ROOT, 'out'), { recursive: true })
writeFileSync(STAMP, now)
