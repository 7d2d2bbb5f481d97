import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

interface Hook { readonly page: string, readonly transport: 'sse' | 'websocket', /** Takes the place of the package that the page names. */ readonly from?: string }

/** The packages that have the hook, the page that is written for it, and how that reaches the server. */
export const HOOKS = {
  'react': { page: 'page.tsx', transport: 'sse' },
  'react-0.3': { page: 'page.tsx', transport: 'sse', from: 'langchain-react-0.3' },
  'react-1': { page: 'page-1.tsx', transport: 'sse' },
  'react-1-ws': { page: 'page-1.tsx', transport: 'websocket' },
} as const satisfies Record<string, Hook>

export interface PageServer {
  /** Of the page, talking to `server`; `more` is what else it is told, like the `assistant`, and `host` a name of this machine. */
  urlFor(server: string, more?: Readonly<Record<string, string>>, host?: string): string
  stop(): void
}

/** Bundles the chat page with one of the hooks and serves it on loopback, an origin of its own as in an application. */
export async function servePage(hook: keyof typeof HOOKS): Promise<PageServer> {
  const { page, transport, from }: Hook = HOOKS[hook]
  return serveSource(join(import.meta.dirname, page), from ? { '@langchain/langgraph-sdk/react': from } : {}, { transport })
}

/** The same for another page: its script, what its imports stand for, and what it is always told. */
export async function serveSource(entry: string, alias: Record<string, string> = {}, always: Readonly<Record<string, string>> = {}): Promise<PageServer> {
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
    urlFor: (api, more, host = '127.0.0.1') => `http://${host}:${(server.address() as AddressInfo).port}/?${new URLSearchParams({ server: api, ...always, ...more }).toString()}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
