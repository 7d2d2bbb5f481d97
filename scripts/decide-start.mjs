/** A display is taken for granted where the system always has one. */
export const hasDisplay = ({ platform, env }) => platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)

/**
 * How `npm start` shows the Studio: in a window of its own, or in the browser with one line that says why. `fetch` means the
 * window lacks only its runtime, which may be fetched; decide again with what came of it.
 *
 * @param {{ hasRuntime: boolean, hasDisplay: boolean, flags: readonly string[] }} facts
 * @returns {{ kind: 'desktop' | 'fetch' | 'browser', reason: string | null, args: string[] }}
 */
export function decideStart({ hasRuntime, hasDisplay, flags }) {
  if (flags.includes('--browser')) return inBrowser('Opening the Studio in the browser, as asked.', flags)
  if (flags.some(isServerOnly)) return inBrowser('These options are the server\'s own, so the Studio opens in the browser instead of a window.', flags)
  if (!hasDisplay) return inBrowser('There is no display for a window (neither DISPLAY nor WAYLAND_DISPLAY is set), so the Studio is served for a browser.', flags)
  if (!hasRuntime) return { kind: 'fetch', reason: 'The desktop runtime (Electron) is not here, so the Studio opens in the browser instead of a window.', args: [...flags] }
  return { kind: 'desktop', reason: null, args: [...flags] }
}

const SERVER_ONLY = ['-p', '--port', '-h', '--host', '--no-browser', '--no-reload', '--data-dir', '--workers', '-n', '--n-jobs-per-worker', '--inspect', '--help']
const isServerOnly = (flag) => SERVER_ONLY.includes(flag.split('=')[0])

const inBrowser = (reason, flags) => ({ kind: 'browser', reason, args: serverArguments(flags) })

/** What the command line gets: the demo unless a project is named, by its folder or by `--config`, and all other options. */
export function serverArguments(flags, demo = 'resources/demo/langgraph.json') {
  const rest = flags.filter((flag) => flag !== '--browser')
  if (rest[0] && !rest[0].startsWith('-')) return ['dev', '--config', ...rest]
  const isNamed = rest.some((flag) => /^(-c|--config)(=|$)/.test(flag))
  return ['dev', ...(isNamed ? [] : ['--config', demo]), ...rest]
}
