import { Type, type TSchema } from 'typebox'
import { JsonObject, Literals, Nullable, Uuid } from './common.ts'
import { ON_RUN_COMPLETED } from './cron.ts'
import { ErrorBody } from './errors.ts'
import { MULTITASK_STRATEGIES, RUN_STATUSES } from './run.ts'
import { ServerFigures } from './system.ts'
import { THREAD_STATUSES, TTL_STRATEGIES } from './thread.ts'
import { WEBHOOK_STATUSES } from './webhook.ts'

/** What routes answer, for who reads `/openapi.json`. The types of the same names are what the code is checked by. */
interface Answer { readonly summary: string, readonly response: Readonly<Record<number, object>> }

const Text = Type.String()
const Time = Type.String({ format: 'date-time' })
const Anything = Type.Unknown()
const list = (item: TSchema) => Type.Array(item)
const some = (schema: ReturnType<typeof Type.Object>) => Type.Partial(schema)

const Assistant = Type.Object({
  assistant_id: Uuid, graph_id: Text, config: JsonObject, context: JsonObject, metadata: JsonObject, version: Type.Integer(), name: Text, description: Nullable(Text), created_at: Time, updated_at: Time,
})
const AssistantVersion = Type.Omit(Assistant, ['updated_at'])
const Interrupt = Type.Object({ id: Type.Optional(Text), value: Anything })
const Thread = Type.Object({
  thread_id: Uuid, created_at: Time, updated_at: Time, state_updated_at: Time, metadata: JsonObject, config: JsonObject, status: Literals(THREAD_STATUSES),
  values: Anything, interrupts: Type.Record(Text, list(Interrupt)), error: Nullable(Text),
  ttl: Type.Optional(Nullable(Type.Object({ strategy: Literals(TTL_STRATEGIES), ttl_minutes: Type.Number(), expires_at: Time }))),
})
const FoundThread = Type.Object({ ...some(Thread).properties, extracted: Type.Optional(JsonObject) })
const Place = Type.Object({ thread_id: Uuid, checkpoint_ns: Text, checkpoint_id: Nullable(Text), checkpoint_map: Type.Optional(JsonObject) })
const Task = Type.Object({
  id: Text, name: Text, path: Anything, error: Anything, interrupts: list(Interrupt), checkpoint: Nullable(Type.Object({ thread_id: Uuid, checkpoint_ns: Text })), state: Anything, result: Anything,
})
const State = some(Type.Object({
  values: Anything, next: list(Text), tasks: list(Task), checkpoint: Place, parent_checkpoint: Nullable(Place), metadata: JsonObject, created_at: Nullable(Time),
  interrupts: list(Interrupt), checkpoint_id: Nullable(Text), parent_checkpoint_id: Nullable(Text),
}))
const Run = Type.Object({
  run_id: Uuid, thread_id: Uuid, assistant_id: Uuid, created_at: Time, updated_at: Time, status: Literals(RUN_STATUSES), metadata: JsonObject, kwargs: JsonObject,
  multitask_strategy: Literals(MULTITASK_STRATEGIES), langsmith_session_name: Nullable(Text), cancel_reason: Nullable(Text),
})
const Schemas = Type.Object({ graph_id: Text, input_schema: Anything, output_schema: Anything, state_schema: Anything, config_schema: Anything, context_schema: Anything, schema_problem: Type.Optional(Text) })
const Drawable = Type.Object({ nodes: list(Type.Object({ id: Text, type: Text, data: Type.Optional(Anything) })), edges: list(Type.Object({ source: Text, target: Text, data: Type.Optional(Text), conditional: Type.Optional(Type.Boolean()) })) })
const Cron = Type.Object({
  cron_id: Uuid, assistant_id: Text, thread_id: Nullable(Uuid), schedule: Text, timezone: Nullable(Text), end_time: Nullable(Time), enabled: Type.Boolean(), on_run_completed: Nullable(Literals(ON_RUN_COMPLETED)),
  payload: JsonObject, metadata: JsonObject, next_run_date: Nullable(Time), error: Nullable(Text), user_id: Nullable(Text), created_at: Time, updated_at: Time,
})
const Delivery = Type.Object({
  delivery_id: Uuid, run_id: Uuid, thread_id: Uuid, run_status: Literals(RUN_STATUSES), url: Text, status: Literals(WEBHOOK_STATUSES),
  attempts: list(Type.Object({ at: Time, status: Nullable(Type.Integer()), error: Nullable(Text), duration_ms: Type.Number() })), created_at: Time, ended_at: Nullable(Time), next_attempt_at: Nullable(Time),
})
const Item = Type.Object({ namespace: list(Text), key: Text, value: JsonObject, created_at: Time, updated_at: Time })

const header = (description: string, type = 'string') => ({ description, schema: { type } })
const json = (description: string, schema: TSchema, headers?: object) => ({ description, content: { 'application/json': { schema } }, ...(headers ? { headers } : {}) })
const PAGED = { 'X-Pagination-Total': header('How many there are in all.', 'integer'), 'X-Pagination-Next': header('The next offset; absent at the end.', 'integer') }
const RUN_PATH = { 'Content-Location': header('The path of the run.') }
const STREAM_PATHS = { ...RUN_PATH, Location: header('Where to go on when the connection is lost.') }
const refusals = (...statuses: (keyof typeof REFUSALS)[]) => Object.fromEntries(statuses.map((status) => [status, json(REFUSALS[status], ErrorBody)]))
const REFUSALS = { 400: 'Refused.', 404: 'Not found.', 409: 'In conflict with what is there.', 422: 'Names the field that is wrong.' } as const

const gives = (summary: string, what: string, schema: TSchema, headers?: object): Answer => ({ summary, response: { 200: json(what, schema, headers), ...refusals(404, 422) } })
const none = (summary: string, status = 204): Answer => ({ summary, response: { [status]: { description: 'Done.' }, ...refusals(404, 409, 422) } })
const creates = (summary: string, schema: TSchema, headers?: object): Answer => ({ summary, response: { 200: json('What was made.', schema, headers), ...refusals(400, 404, 409, 422) } })
const streams = (summary: string): Answer => ({ summary, response: { 200: { description: 'Server-sent events.', content: { 'text/event-stream': { schema: Text } }, headers: STREAM_PATHS }, ...refusals(400, 404, 409, 422) } })
const waits = (summary: string): Answer => ({ summary, response: { 200: json('The final values, with `__interrupt__` where it waits for an answer, or `__error__`.', Anything, STREAM_PATHS), ...refusals(400, 404, 409, 422) } })

/** By method and route. A route that is not named here is described by its request alone. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  'POST /assistants': creates('Create an assistant', Assistant),
  'POST /assistants/search': gives('Search assistants', 'A page of them.', list(some(Assistant)), PAGED),
  'POST /assistants/count': gives('Count assistants', 'How many match.', Type.Integer()),
  'GET /assistants/:assistant_id': gives('Read an assistant, by id or by its graph\'s', 'The assistant.', Assistant),
  'PATCH /assistants/:assistant_id': gives('Change an assistant: a new version', 'The assistant.', Assistant),
  'DELETE /assistants/:assistant_id': none('Delete an assistant'),
  'GET /assistants/:assistant_id/graph': gives('Draw the graph', 'Nodes and edges.', Drawable),
  'GET /assistants/:assistant_id/schemas': gives('Schemas of the graph', 'JSON Schemas, null where none can be told. Where the code does not declare them, TypeScript types fill them in; schema_problem says why they could not.', Schemas),
  'GET /assistants/:assistant_id/subgraphs': gives('Subgraphs of the graph', 'Schemas by namespace.', Type.Record(Text, Schemas)),
  'GET /assistants/:assistant_id/subgraphs/:namespace': gives('Subgraphs at or below a namespace', 'Schemas by namespace.', Type.Record(Text, Schemas)),
  'POST /assistants/:assistant_id/versions': gives('Versions of an assistant', 'Newest first.', list(AssistantVersion), PAGED),
  'POST /assistants/:assistant_id/latest': gives('Make an old version current', 'The assistant.', Assistant),
  'POST /threads': creates('Create a thread', Thread),
  'POST /threads/search': gives('Search threads', 'A page of them.', list(FoundThread), PAGED),
  'POST /threads/count': gives('Count threads', 'How many match.', Type.Integer()),
  'POST /threads/prune': gives('Delete many threads, or their history', 'How many it were.', Type.Object({ pruned_count: Type.Integer() })),
  'GET /threads/:thread_id': gives('Read a thread', 'The thread.', Thread),
  'PATCH /threads/:thread_id': gives('Change a thread', 'The thread; nothing (204) with `Prefer: return=minimal`.', Thread),
  'DELETE /threads/:thread_id': none('Delete a thread with all it has'),
  'POST /threads/:thread_id/copy': gives('Copy a thread with its checkpoints', 'The copy.', Thread),
  'GET /threads/:thread_id/storage': gives('What is stored of a thread', 'Counts and bytes.', JsonObject),
  'GET /threads/:thread_id/state': gives('The newest state', 'The state.', State),
  'POST /threads/:thread_id/state': gives('Update the state, as if a node had', 'The new checkpoint.', Type.Object({ checkpoint: Place })),
  'PATCH /threads/:thread_id/state': gives('Change the metadata of a thread', 'The thread; nothing (204) with `Prefer: return=minimal`.', Thread),
  'GET /threads/:thread_id/state/:checkpoint_id': gives('The state at a checkpoint', 'The state.', State),
  'POST /threads/:thread_id/state/checkpoint': gives('The state at a checkpoint of any namespace', 'The state.', State),
  'GET /threads/:thread_id/history': gives('States, newest first', 'The states.', list(State)),
  'POST /threads/:thread_id/history': gives('States, newest first', 'The states.', list(State)),
  ...Object.fromEntries((['/threads/:thread_id/runs', '/runs'] as const).flatMap((at) => {
    const where = at === '/runs' ? 'on a thread of its own' : 'on a thread'
    return [
      [`POST ${at}`, creates(`Start a run ${where}`, Run, RUN_PATH)],
      [`POST ${at}/stream`, streams(`Start a run ${where} and follow it`)],
      [`POST ${at}/wait`, waits(`Start a run ${where} and wait for its end`)],
    ]
  })),
  'POST /runs/batch': creates('Start many runs, all or none', list(Run)),
  'POST /runs/cancel': none('Cancel some runs of a thread, or all in a status'),
  'GET /runs/:run_id/stream': streams('Follow a run'),
  'GET /threads/:thread_id/runs': gives('Runs of a thread, newest first', 'A page of them.', list(some(Run)), PAGED),
  'GET /threads/:thread_id/runs/:run_id': gives('Read a run', 'The run.', Run),
  'DELETE /threads/:thread_id/runs/:run_id': none('Delete a run that has ended'),
  'POST /threads/:thread_id/runs/:run_id/cancel': { summary: 'Cancel a run', response: { 202: { description: 'It was asked to stop.' }, 204: { description: 'With `wait`: it has stopped.', headers: { Location: header('Where its output is.') } }, ...refusals(404, 422) } },
  'GET /threads/:thread_id/runs/:run_id/join': waits('Wait for the end of a run'),
  'GET /threads/:thread_id/runs/:run_id/stream': streams('Follow a run, from the start or from an event on'),
  'GET /threads/:thread_id/stream': streams('Follow all runs of a thread, those to come as well'),
  'POST /threads/:thread_id/stream/events': streams('Protocol v2: follow the channels of a thread'),
  'POST /threads/:thread_id/commands': gives('Protocol v2: start a run, answer, read or fork the state', 'What became of the command; a refusal is an answer too.', JsonObject),
  'POST /runs/crons': creates('Run by a schedule, each time on a thread of its own', Cron),
  'POST /threads/:thread_id/runs/crons': creates('Run on a thread by a schedule', Cron),
  'POST /runs/crons/search': gives('Search crons', 'A page of them.', list(some(Cron)), PAGED),
  'POST /runs/crons/count': gives('How many crons match', 'Their number.', Type.Integer()),
  'GET /runs/crons/:cron_id': gives('Read a cron', 'The cron.', Cron),
  'PATCH /runs/crons/:cron_id': gives('Change a cron', 'As it is now.', Cron),
  'DELETE /runs/crons/:cron_id': none('Delete a cron'),
  'POST /mcp': gives('Assistants as tools (Model Context Protocol)', 'The answer of JSON-RPC.', JsonObject),
  'POST /a2a/:assistant_id': gives('An assistant as an agent (A2A)', 'The answer of JSON-RPC; of methods that stream, server-sent events with one each.', JsonObject),
  'GET /a2a/:assistant_id/.well-known/agent-card.json': gives('What an assistant is as an agent', 'Its card.', JsonObject),
  'GET /.well-known/agent-card.json': gives('What an assistant is as an agent', 'Its card.', JsonObject),
  'POST /ui/:assistant_id': { summary: 'Show a component', response: { 200: { description: 'HTML that loads it into a shadow root.', content: { 'text/html': { schema: Text } } }, ...refusals(404, 422) } },
  'GET /studio/api/webhooks': gives('What became of webhooks, newest first', 'A page of deliveries.', Type.Object({ total: Type.Integer(), deliveries: list(Delivery) })),
  'PUT /store/items': none('Store an item'),
  'GET /store/items': gives('Read an item', 'The item, or null.', Nullable(Item)),
  'DELETE /store/items': none('Delete an item'),
  'POST /store/items/search': gives('Search items', 'Those that match.', Type.Object({ items: list(Item) })),
  'POST /store/namespaces': gives('Namespaces that have items', 'Their labels.', Type.Object({ namespaces: list(list(Text)) })),
  'GET /ok': gives('Whether the server works', 'It does.', Type.Object({ ok: Type.Boolean() })),
  'GET /info': gives('Versions and what is served', 'Names and flags.', JsonObject),
  'GET /metrics': { summary: 'Figures of the server', response: { 200: { description: 'In Prometheus\' text format, or as JSON.', content: { 'text/plain': { schema: Text }, 'application/json': { schema: ServerFigures } } }, ...refusals(422) } },
}
