// `npm start [-- <project>] [--browser] [options of superstep dev]`: builds what changed, then shows the Studio in a window, or
// where that cannot be in the browser.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { decideStart, hasDisplay, serverArguments } from './decide-start.mjs'
import { ELECTRON_PACKAGE, findElectron } from './find-electron.mjs'
import { requireNode } from './require-node.mjs'

requireNode()
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FETCH_WITHIN_MS = 180_000
/** A window that is gone this soon, with an error, never opened: a library is missing, or the sandbox is not allowed. */
const OPENS_WITHIN_MS = 5_000

build()
const flags = process.argv.slice(2)
const decide = () => decideStart({ hasRuntime: findElectron() !== null, hasDisplay: hasDisplay(process), flags })
let start = decide()
if (start.kind === 'fetch' && await fetchRuntime()) start = decide()
process.exit(start.kind === 'desktop' ? await openWindow(start.args) : await serve(start.reason))

function build() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** Fetches the Electron runtime once. Without a network it fails within a second, and the next start tries again. */
function fetchRuntime() {
  console.log(`Fetching the desktop runtime (Electron, about 110 MB, once; at most ${FETCH_WITHIN_MS / 60_000} minutes)`)
  const started = Date.now()
  const fetching = spawn(process.execPath, [join(ELECTRON_PACKAGE, 'install.js')], { stdio: ['ignore', 'inherit', 'ignore'], timeout: FETCH_WITHIN_MS, killSignal: 'SIGKILL' })
  const progress = setInterval(() => console.log(`  … ${Math.round((Date.now() - started) / 1000)} s`), 10_000)
  return new Promise((settle) => {
    const end = (isFetched) => {
      clearInterval(progress)
      settle(isFetched)
    }
    fetching.on('error', () => end(false)).on('exit', (code) => end(code === 0))
  })
}

async function openWindow(args) {
  const isRoot = process.platform === 'linux' && process.getuid() === 0
  if (isRoot) console.log('Running as root: Chromium allows that only without its sandbox (--no-sandbox).')
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const started = Date.now()
  const { code, wasTold } = await run(findElectron(), [...(isRoot ? ['--no-sandbox'] : []), ROOT, ...args], env)
  if (code === 0 || wasTold || Date.now() - started > OPENS_WITHIN_MS) return code
  return serve(`The window could not be opened (Electron ended with ${code}), so the Studio is served for a browser.`)
}

async function serve(reason) {
  console.log(reason)
  const demo = join(ROOT, 'resources/demo/langgraph.json')
  const { code } = await run(process.execPath, [join(ROOT, 'out/server/cli.js'), ...serverArguments(flags, demo)], process.env)
  return code
}

/** Runs a program in the foreground: what this process is told, the program is told. */
function run(program, args, env) {
  const child = spawn(program, args, { stdio: 'inherit', env })
  let wasTold = false
  const tell = (signal) => {
    wasTold = true
    // In a terminal Ctrl+C has reached the program already; a second one would mean "at once" to it.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, tell)
  return new Promise((settle) => {
    const end = (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, tell)
      settle({ code, wasTold })
    }
    child.on('error', (error) => {
      console.error(error.message)
      end(127)
    })
    child.on('exit', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}
