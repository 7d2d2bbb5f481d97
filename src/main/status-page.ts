import type { ServerState } from '../preload/ipc-contract.ts'

const STYLE = `
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 12px; padding: 0 10vw; font: 14px/1.5 system-ui, sans-serif; color: #d7dbe2; background: #14161a }
  h1 { margin: 0; font-size: 18px; font-weight: 600 } p { margin: 0 } pre { margin: 0; padding: 12px; white-space: pre-wrap; overflow-wrap: anywhere; background: #1d2026; border-radius: 6px }
  @media (prefers-color-scheme: light) { body { color: #23262d; background: #fbfbfc } pre { background: #eff1f4 } }`

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** What the window shows while there is no Studio to show. It runs no script and may load nothing. */
export function statusPage(state: ServerState, project: string): string {
  const title = state.status === 'failed' ? `${project} could not be served` : `Starting ${project}…`
  const detail = 'message' in state ? `<pre>${escape(state.message)}</pre>` : ''
  const advice = state.status === 'failed' ? '<p>Server → Restart Server tries again; File opens another project.</p>' : ''
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">`
    + `<title>Superstep</title><style>${STYLE}</style><main role="status"><h1>${escape(title)}</h1>${detail}${advice}</main></html>`
  return `data:text/html;charset=utf-8,${encodeURIComponent(html)}`
}
