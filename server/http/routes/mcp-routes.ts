import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ToolService } from '../../services/tool-service.ts'
import { goneSignal } from '../sse.ts'
import type { TypedApp } from '../typed-app.ts'

/** Loaded with the first request: it is as large as the rest of the server, and most projects never need it. */
const loadLibrary = async () => {
  const [{ Server }, { WebStandardStreamableHTTPServerTransport }, types] = await Promise.all([
    import('@modelcontextprotocol/sdk/server/index.js'), import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'), import('@modelcontextprotocol/sdk/types.js'),
  ])
  return { Server, Transport: WebStandardStreamableHTTPServerTransport, ...types }
}

/** The Model Context Protocol over streamable HTTP, without sessions (wire reference §1.7): every assistant is a tool. */
export function mcpRoutes(app: TypedApp, { tools, system }: { tools: ToolService, system: { readonly version: string } }): void {
  async function serve(request: FastifyRequest, reply: FastifyReply) {
    const { Server, Transport, CallToolRequestSchema, ListToolsRequestSchema, ErrorCode, McpError } = await loadLibrary()
    const server = new Server({ name: 'superstep', version: system.version }, { capabilities: { tools: {} } })
    server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: await tools.list() }))
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
      const result = await tools.call(params.name, params.arguments ?? {}, signal)
      if (!result) throw new McpError(ErrorCode.InvalidParams, `There is no tool "${params.name}".`)
      return { content: [{ type: 'text', text: result.text }], isError: result.isError }
    })
    // A call may take long: as a stream it is kept alive.
    const isCall = (request.body as { method?: unknown } | undefined)?.method === 'tools/call'
    const transport = new Transport({ enableJsonResponse: !isCall })
    await server.connect(transport)
    goneSignal(reply).addEventListener('abort', () => void server.close())
    const answer = await transport.handleRequest(webRequest(request), { parsedBody: request.body ?? null })
    return answer.status === 406 ? reply.code(400).send(await answer.json()) : reply.send(answer)
  }
  for (const path of ['/mcp', '/mcp/']) {
    app.post(path, serve)
    app.get(path, async (_request, reply) => reply.code(405).header('allow', 'POST').send({ detail: 'This server sends nothing by itself: use POST.' }))
    app.delete(path, async (_request, reply) => reply.code(404).send({ detail: 'There are no sessions to end.', code: 'not_found' }))
  }
}

/** Head only: the body is parsed already. */
function webRequest({ headers, method, host, url }: FastifyRequest): Request {
  const known = Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]])
  return new Request(new URL(url, `http://${host}`), { method, headers: known })
}
