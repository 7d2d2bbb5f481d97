import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

/** The packages that have the hook, and from where the page takes it. */
export const HOOKS = { 'react': '@langchain/langgraph-sdk/react', 'react-0.3': 'langchain-react-0.3' } as const

export interface PageServer {
  /** Of the page, talking to `server`; `host` is a name of this machine. */
  urlFor(server: string, host?: string): string
  stop(): void
}

/** Bundles the chat page with one of the hooks and serves it on loopback, an origin of its own as in an application. */
export async function servePage(hook: keyof typeof HOOKS): Promise<PageServer> {
  return serveSource(join(import.meta.dirname, 'page.tsx'), hook === 'react' ? {} : { [HOOKS.react]: HOOKS[hook] })
}

/** The same for another page: its script, and what its imports stand for. */
export async function serveSource(entry: string, alias: Record<string, string> = {}): Promise<PageServer> {
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, write: false, format: 'esm', jsx: 'automatic', logLevel: 'error', alias,
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const files: Record<string, { type: string, text: string }> = {
    '/': { type: 'text/html', text: '<!doctype html><html lang="en"><title>Chat</title><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script>' },
    '/page.js': { type: 'text/javascript', text: outputFiles[0]!.text },
  }
  const server = createServer((request, response) => {
    const file = files[new URL(request.url!, 'http://page').pathname]
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' }).end(file?.text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    urlFor: (api, host = '127.0.0.1') => `http://${host}:${(server.address() as AddressInfo).port}/?server=${encodeURIComponent(api)}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
