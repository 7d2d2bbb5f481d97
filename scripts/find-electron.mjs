import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ELECTRON_PACKAGE = fileURLToPath(new URL('../node_modules/electron', import.meta.url))

const BY_PLATFORM = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }

/**
 * The Electron runtime's program, or null when there is none. The package itself is not asked: importing it outside Electron
 * starts a download.
 */
export function findElectron({ env = process.env, platform = process.platform, folder = ELECTRON_PACKAGE } = {}) {
  const pathFile = join(folder, 'path.txt')
  const named = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null
  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  if (!named && !override) return null
  const program = join(override || join(folder, 'dist'), named || BY_PLATFORM[platform] || 'electron')
  return existsSync(program) ? program : null
}
