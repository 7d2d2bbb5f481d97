import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const KNOWN = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/snap/bin/chromium'],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: [`${process.env.PROGRAMFILES}\\Google\\Chrome\\Application\\chrome.exe`, `${process.env['PROGRAMFILES(X86)']}\\Microsoft\\Edge\\Application\\msedge.exe`],
}

/** The path of a Chromium of this machine, or null. */
export const knownChromium = () => [process.env.CHROMIUM_PATH, ...(KNOWN[process.platform] ?? [])].find((path) => path && existsSync(path)) ?? null

/** A Chromium of this machine: found, or installed where that takes no question; else says how and returns null. */
export function findChromium() {
  const found = knownChromium()
  if (found) return found
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('▸ Installing Chromium for the journeys (apt-get install chromium)')
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    spawnSync('apt-get', ['update', '-qq'], quiet)
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
    const installed = knownChromium()
    if (installed) return installed
  }
  console.error('The journeys need Chromium or Chrome. Install one (Debian and Ubuntu: sudo apt-get install chromium; macOS: brew install --cask google-chrome), or set CHROMIUM_PATH to its program.')
  return null
}
