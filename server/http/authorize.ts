import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonObject } from '../contract/common.ts'
import type { ProtocolCommand } from '../contract/protocol.ts'
import { PlatformError } from '../errors.ts'
import { STUDIO_USER, type Access, type AuthUser } from '../services/access.ts'
import type { Permissions } from '../services/permissions.ts'

type Params = Readonly<Record<'thread_id' | 'run_id' | 'assistant_id' | 'cron_id', string>>
interface Asked { readonly params: Params, readonly request: FastifyRequest, readonly may: Permissions }
/** Throws when it may not be; may change the request into what it may be. */
type Rule = (asked: Asked) => Promise<unknown>

const bodyOf = (request: FastifyRequest): JsonObject => (request.body ?? {}) as JsonObject
const replaceBody = async ({ request }: Asked, body: Promise<JsonObject>) => { request.body = await body }

const onThread = (action: string): Rule => ({ may, params }) => may.thread(action, params.thread_id)
const readThread = onThread('read')
const updateThread: Rule = (asked) => replaceBody(asked, asked.may.changeThread(asked.params.thread_id, bodyOf(asked.request)))
const searchThreads: Rule = (asked) => replaceBody(asked, asked.may.search('threads', bodyOf(asked.request)))

const followThread: Rule = ({ may, params }) => may.followThread(params.thread_id)

const readAssistant: Rule = ({ may, params }) => may.assistant('read', params.assistant_id)
const changeAssistant: Rule = (asked) => replaceBody(asked, asked.may.changeAssistant(asked.params.assistant_id, bodyOf(asked.request)))
const searchAssistants: Rule = (asked) => replaceBody(asked, asked.may.search('assistants', bodyOf(asked.request)))

const createRun: Rule = async ({ request, may, params }) => {
  const { body, owned } = await may.createRun(params.thread_id ?? null, bodyOf(request))
  request.body = body
  request.owned = owned
}
const cancelRun: Rule = ({ request, may, params }) => may.thread('update', params.thread_id, { run_id: params.run_id, action: (request.query as JsonObject)['action'] ?? 'interrupt' })

const searchCrons: Rule = (asked) => replaceBody(asked, asked.may.search('crons', bodyOf(asked.request)))
const createCron: Rule = async ({ request, may, params }) => {
  const { body, owned } = await may.createCron(params.thread_id ?? null, bodyOf(request))
  request.body = body
  request.owned = owned
}

const MAKES_RUN = new Set(['run.start', 'input.respond', 'state.fork'])

/** A command as it may be done, and for whom what it makes by the way is. */
interface AllowedCommand { readonly command: ProtocolCommand, readonly owned: JsonObject | null }

/** Commands of protocol v2 are what the other routes are, by another name; one that is not known is refused where it is read. */
async function allowCommand(may: Permissions, threadId: string, command: ProtocolCommand): Promise<AllowedCommand> {
  const { method, params } = command
  if (MAKES_RUN.has(method)) {
    const { body, owned } = await may.createRun(threadId, params ?? {})
    return { command: { ...command, params: body }, owned }
  }
  if (method === 'subscription.subscribe') await may.followThread(threadId)
  else await may.thread('read', threadId)
  return { command, owned: null }
}

const command: Rule = async ({ request, may, params }) => {
  const allowed = await allowCommand(may, params.thread_id, request.body as ProtocolCommand)
  request.body = allowed.command
  request.owned = allowed.owned
}

/** Asks for a command on a socket, as the user that has opened it. */
export type CommandGate = (user: AuthUser, threadId: string, command: ProtocolCommand) => Promise<AllowedCommand>

export const createCommandGate = (access: Access, may: Permissions): CommandGate =>
  (user, threadId, asked) => access.as(user, () => allowCommand(may, threadId, asked))

/** What nobody but the Studio may: it would tell of everybody's. */
const studioOnly: Rule = async ({ request }) => {
  if (request.user !== STUDIO_USER) throw new PlatformError('forbidden', 'With custom authentication this is for the Studio on the server\'s own machine.')
}
const anybody: Rule = async () => {}

/** Every route that is served to known users, and what its user must be allowed. A route that is not here is nobody's. */
export const RULES: Readonly<Record<string, Rule>> = {
  'GET /metrics': anybody,
  'POST /ui/:assistant_id': anybody,
  'POST /mcp': studioOnly, 'POST /mcp/': studioOnly, 'GET /mcp': anybody, 'GET /mcp/': anybody, 'DELETE /mcp': anybody, 'DELETE /mcp/': anybody,
  // What is asked of the agent is asked about in `services/a2a-service.ts`, where it is known what it is.
  'POST /a2a/:assistant_id': readAssistant,
  'GET /a2a/:assistant_id/.well-known/agent-card.json': readAssistant,
  'GET /.well-known/agent-card.json': ({ request, may }) => may.assistant('read', String((request.query as JsonObject)['assistant_id'])),

  'POST /assistants': (asked) => replaceBody(asked, asked.may.createAssistant(bodyOf(asked.request))),
  'POST /assistants/search': searchAssistants,
  'POST /assistants/count': searchAssistants,
  'GET /assistants/:assistant_id': readAssistant,
  'PATCH /assistants/:assistant_id': changeAssistant,
  'DELETE /assistants/:assistant_id': ({ request, may, params }) => may.deleteAssistant(params.assistant_id, (request.query as JsonObject)['delete_threads']),
  'GET /assistants/:assistant_id/graph': readAssistant,
  'GET /assistants/:assistant_id/schemas': readAssistant,
  'GET /assistants/:assistant_id/subgraphs': readAssistant,
  'GET /assistants/:assistant_id/subgraphs/:namespace': readAssistant,
  'POST /assistants/:assistant_id/versions': readAssistant,
  'POST /assistants/:assistant_id/latest': ({ may, params }) => may.assistant('update', params.assistant_id),

  'POST /threads': (asked) => replaceBody(asked, asked.may.createThread(bodyOf(asked.request))),
  'POST /threads/search': searchThreads,
  'POST /threads/count': searchThreads,
  'POST /threads/prune': (asked) => replaceBody(asked, asked.may.pruneThreads(bodyOf(asked.request))),
  'GET /threads/:thread_id': readThread,
  'PATCH /threads/:thread_id': updateThread,
  'DELETE /threads/:thread_id': onThread('delete'),
  'POST /threads/:thread_id/copy': ({ may, params }) => may.copyThread(params.thread_id),
  'GET /threads/:thread_id/storage': readThread,
  'GET /threads/:thread_id/state': readThread,
  'GET /threads/:thread_id/state/:checkpoint_id': readThread,
  'POST /threads/:thread_id/state/checkpoint': readThread,
  'POST /threads/:thread_id/state': onThread('update'),
  'PATCH /threads/:thread_id/state': updateThread,
  'GET /threads/:thread_id/history': readThread,
  'POST /threads/:thread_id/history': readThread,
  'GET /threads/:thread_id/stream': followThread,
  // A WebSocket; what is asked for on it goes through the command gate. Its first command may make the thread.
  'GET /threads/:thread_id/stream/events': readThread,
  'POST /threads/:thread_id/stream/events': followThread,
  'POST /threads/:thread_id/commands': command,

  'GET /threads/:thread_id/runs': readThread,
  'POST /threads/:thread_id/runs': createRun,
  'POST /threads/:thread_id/runs/stream': createRun,
  'POST /threads/:thread_id/runs/wait': createRun,
  'GET /threads/:thread_id/runs/:run_id': readThread,
  'DELETE /threads/:thread_id/runs/:run_id': ({ may, params }) => may.thread('delete', params.thread_id, { run_id: params.run_id }),
  'POST /threads/:thread_id/runs/:run_id/cancel': cancelRun,
  'GET /threads/:thread_id/runs/:run_id/join': readThread,
  'GET /threads/:thread_id/runs/:run_id/stream': readThread,
  'POST /runs': createRun,
  'POST /runs/stream': createRun,
  'POST /runs/wait': createRun,
  'POST /runs/batch': async ({ request, may }) => {
    const allowed = await Promise.all((request.body as JsonObject[]).map((body) => may.createRun(null, body)))
    request.body = allowed.map(({ body }) => body)
    request.owned = allowed[0]!.owned
  },
  'POST /runs/cancel': ({ request, may }) => may.cancelRuns(bodyOf(request)),
  'GET /runs/:run_id/stream': ({ may, params }) => may.run('read', params.run_id),

  'POST /runs/crons': createCron,
  'POST /threads/:thread_id/runs/crons': createCron,
  'POST /runs/crons/search': searchCrons,
  'POST /runs/crons/count': searchCrons,
  'GET /runs/crons/:cron_id': ({ may, params }) => may.cron('read', params.cron_id),
  'PATCH /runs/crons/:cron_id': (asked) => replaceBody(asked, asked.may.changeCron(asked.params.cron_id, bodyOf(asked.request))),
  'DELETE /runs/crons/:cron_id': ({ may, params }) => may.cron('delete', params.cron_id),

  'PUT /store/items': (asked) => replaceBody(asked, asked.may.item('put', bodyOf(asked.request), 'namespace')),
  'GET /store/items': async ({ request, may }) => { request.query = await may.itemQuery(request.query as JsonObject) },
  'DELETE /store/items': (asked) => replaceBody(asked, asked.may.item('delete', bodyOf(asked.request), 'namespace')),
  'POST /store/items/search': (asked) => replaceBody(asked, asked.may.item('search', bodyOf(asked.request), 'namespace_prefix')),
  'POST /store/namespaces': (asked) => replaceBody(asked, asked.may.item('list_namespaces', bodyOf(asked.request), 'prefix')),
}

declare module 'fastify' {
  /** What the metadata of a thread must say that this request makes by the way, so that it is its user's. */
  interface FastifyRequest { owned: JsonObject | null }
}

/** After `authenticate`: nothing is done for a known user that the project's code does not allow. */
export function authorize(app: FastifyInstance, may: Permissions): void {
  app.decorateRequest('owned', null)
  app.addHook('preHandler', async (request) => {
    const { url } = request.routeOptions
    if (!request.user || url === undefined || url.startsWith('/studio')) return
    const rule = RULES[`${request.method} ${url}`]
    if (!rule) throw new PlatformError('forbidden', `${request.method} ${url} is not served with custom authentication.`)
    await rule({ request, may, params: request.params as Params })
    // What the project's code made of it goes the same way as what came.
    if (request.body !== undefined && request.validateInput(request.body, 'body') === false) throw new PlatformError('auth_failed', `The auth code made a request of ${request.method} ${url} that can't be served.`)
  })
}
