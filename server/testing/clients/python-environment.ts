import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
const REQUIREMENTS = join(import.meta.dirname, 'python/requirements.txt')
/** The first Python that `requirements.txt` installs on. */
const OLDEST = [3, 10] as const
const INSTALL_MS = 300_000

export type PythonEnvironment = { readonly python: string } | { readonly missing: string }

const CANDIDATES = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']

/** A Python that is new enough, with its version. */
function findPython(): { command: string, version: string } | null {
  for (const command of CANDIDATES) {
    const { status, stdout } = spawnSync(command, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'], { encoding: 'utf8' })
    if (status !== 0) continue
    const version = stdout.trim()
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return { command, version }
  }
  return null
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? ''

/**
 * A virtual environment with the packages of `requirements.txt`, made the first time and kept below `node_modules/.cache` for
 * as long as that file and the Python stay the same; or why there is none on this machine.
 */
export function preparePython(): PythonEnvironment {
  const found = findPython()
  if (!found) return { missing: `there is no Python ${OLDEST.join('.')} or newer` }
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).update(found.version).digest('hex').slice(0, 16)
  const folder = join(ROOT, 'node_modules/.cache/python-clients', key)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { python }

  rmSync(folder, { recursive: true, force: true })
  const made = spawnSync(found.command, ['-m', 'venv', folder], { encoding: 'utf8' })
  if (made.status !== 0) return { missing: `Python ${found.version} can't make a virtual environment (${lastLine(made.stderr || made.stdout)})` }
  const installed = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1', '--timeout', '15', '--requirement', REQUIREMENTS], { encoding: 'utf8', timeout: INSTALL_MS })
  if (installed.status !== 0) return { missing: `its packages can't be installed here (${lastLine(installed.stderr ?? '') || 'pip did not end in time'})` }
  writeFileSync(complete, '')
  return { python }
}
