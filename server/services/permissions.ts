import type { JsonObject } from '../contract/common.ts'
import { bothOf } from '../domain/auth-filter.ts'
import { contains } from '../domain/contains.ts'
import { systemAssistantId } from '../domain/uuid5.ts'
import { assistantNotFound, cronNotFound, PlatformError, runNotFound, threadNotFound } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import type { Access } from './access.ts'
import type { AssistantService } from './assistant-service.ts'

/**
 * What the user of a request may do (wire reference §3.13), each in the terms of the project's handlers. What a filter does not match
 * is refused as if it were not there; what is not there is left to whoever looks for it. Values that handlers changed are returned.
 */
export interface Permissions {
  thread(action: string, threadId: string, more?: JsonObject): Promise<void>
  /** Also refused when it is not there: who follows it could come to follow another user's. */
  followThread(threadId: string): Promise<void>
  createThread(body: JsonObject): Promise<JsonObject>
  changeThread(threadId: string, body: JsonObject): Promise<JsonObject>
  copyThread(threadId: string): Promise<void>
  pruneThreads(body: JsonObject): Promise<JsonObject>
  assistant(action: string, ref: string): Promise<void>
  createAssistant(body: JsonObject): Promise<JsonObject>
  changeAssistant(ref: string, body: JsonObject): Promise<JsonObject>
  deleteAssistant(ref: string, deleteThreads: unknown): Promise<void>
  /** `owned` is for the metadata of a thread that the run makes. A body without an assistant goes on with the thread's. */
  createRun(threadId: string | null, body: JsonObject): Promise<{ body: JsonObject, owned: JsonObject }>
  cancelRuns(body: JsonObject): Promise<void>
  run(action: string, runId: string): Promise<void>
  cron(action: string, cronId: string): Promise<void>
  /** Also asks for the runs that it will make: later nobody is there to be asked. `owned` is for the threads that these make. */
  createCron(threadId: string | null, body: JsonObject): Promise<{ body: JsonObject, owned: JsonObject }>
  changeCron(cronId: string, body: JsonObject): Promise<JsonObject>
  /** The body of a search or count, with what the user may see; of nothing, where that contradicts what is asked for. */
  search(resource: 'threads' | 'assistants' | 'crons', body: JsonObject): Promise<JsonObject>
  /** `namespaceKey` is what the body calls the namespace. */
  item(action: string, body: JsonObject, namespaceKey: string): Promise<JsonObject>
  itemQuery(query: JsonObject): Promise<JsonObject>
}

interface Parts { readonly access: Access, readonly storage: Storage, readonly assistants: AssistantService }

/** In no metadata that can be stored: a search for it finds nothing. */
const NOTHING: JsonObject = { '\0': true }

export function createPermissions({ access: { ask }, storage, assistants }: Parts): Permissions {
  const metadataOf = {
    thread: (id: string) => storage.threads.get(id)?.metadata,
    assistant: (ref: string) => assistants.find(ref)?.metadata,
    cron: (id: string) => storage.crons.get(id)?.metadata,
  }
  const isHidden = (metadata: JsonObject | undefined, must: JsonObject) => metadata !== undefined && !contains(metadata, must)

  async function onThread(action: string, threadId: string, more: JsonObject = {}): Promise<JsonObject> {
    const { value, must } = await ask('threads', action, { thread_id: threadId, ...more })
    if (isHidden(metadataOf.thread(threadId), must)) throw threadNotFound(threadId)
    return value
  }

  async function onAssistant(action: string, ref: string, more: JsonObject = {}): Promise<JsonObject> {
    const { value, must } = await ask('assistants', action, { assistant_id: ref, ...more })
    const found = assistants.find(ref)
    const isProjects = found?.assistant_id === systemAssistantId(found?.graph_id ?? '')
    if (!(action === 'read' && isProjects) && isHidden(found?.metadata, must)) throw assistantNotFound(ref)
    return value
  }

  async function onCron(action: string, cronId: string, more: JsonObject = {}): Promise<JsonObject> {
    const { value, must } = await ask('crons', action, { cron_id: cronId, ...more })
    if (isHidden(metadataOf.cron(cronId), must)) throw cronNotFound(cronId)
    return value
  }

  async function createThread(body: JsonObject): Promise<JsonObject> {
    const { value, must } = await ask<JsonObject>('threads', 'create', { ...body, metadata: body['metadata'] ?? {} })
    const id = value['thread_id']
    if (typeof id === 'string' && isHidden(metadataOf.thread(id), must)) throw new PlatformError('thread_exists', `Thread ${id} already exists.`)
    return value
  }

  async function createRun(threadId: string | null, { assistant_id, metadata, multitask_strategy, if_not_exists, after_seconds, ...kwargs }: JsonObject): Promise<{ body: JsonObject, owned: JsonObject }> {
    const ref = assistant_id ?? (threadId === null ? null : metadataOf.thread(threadId)?.['assistant_id'])
    if (typeof ref === 'string') await onAssistant('read', ref)
    const asked = { thread_id: threadId, assistant_id: ref, status: 'pending', metadata: metadata ?? {}, multitask_strategy, if_not_exists, after_seconds, kwargs }
    const { value, must } = await ask('threads', 'create_run', asked)
    if (threadId !== null && isHidden(metadataOf.thread(threadId), must)) throw threadNotFound(threadId)
    const { thread_id: _thread, status: _status, kwargs: changed, run_id: _run, ...rest } = value as JsonObject & { kwargs: JsonObject }
    return { body: defined({ ...changed, ...rest }), owned: must }
  }

  async function createCron(threadId: string | null, { schedule, end_time, timezone, enabled, on_run_completed, ...run }: JsonObject): Promise<{ body: JsonObject, owned: JsonObject }> {
    if (threadId !== null) await onThread('read', threadId)
    const { body: { assistant_id, metadata, ...kwargs }, owned } = await createRun(threadId, run)
    const payload = { ...kwargs, timezone, enabled, on_run_completed }
    const { value } = await ask('crons', 'create', defined({ thread_id: threadId, assistant_id, schedule, end_time, metadata, payload: defined(payload) }))
    const { payload: changed, thread_id: _thread, cron_id: _cron, user_id: _user, ...rest } = value as JsonObject & { payload: JsonObject }
    return { body: { ...changed, ...rest }, owned }
  }

  async function cancelRuns({ thread_id, run_ids, status }: JsonObject): Promise<void> {
    if (typeof thread_id === 'string') return void await onThread('update', thread_id, defined({ run_ids, status, action: 'interrupt' }))
    const { must } = await ask('threads', 'update', defined({ status, action: 'interrupt' }))
    if (Object.keys(must).length > 0) throw new PlatformError('forbidden', 'Name the thread whose runs are to be cancelled: of all threads some may be another user\'s.')
  }

  async function search(resource: 'threads' | 'assistants' | 'crons', body: JsonObject): Promise<JsonObject> {
    const { value, must } = await ask(resource, 'search', body)
    const metadata = bothOf((value['metadata'] ?? {}) as JsonObject, must)
    return { ...value, metadata: metadata ?? NOTHING }
  }

  async function item(action: string, body: JsonObject, namespaceKey: string): Promise<JsonObject> {
    const { [namespaceKey]: namespace, ...rest } = body
    const { value } = await ask('store', action, { ...rest, namespace: namespace ?? [] })
    const { namespace: given, ...changed } = value as JsonObject
    if (!Array.isArray(given) || given.some((label) => typeof label !== 'string' || label === ''))
      throw new PlatformError('invalid_request', 'namespace: the auth code must leave it a list of texts that are not empty.')
    return { ...changed, [namespaceKey]: given }
  }

  return {
    createThread, createRun, cancelRuns, search, item,
    thread: async (action, id, more) => void await onThread(action, id, more),
    followThread: async (id) => {
      await onThread('read', id)
      if (!metadataOf.thread(id)) throw threadNotFound(id)
    },
    changeThread: async (id, body) => withoutKey(await onThread('update', id, body), 'thread_id'),
    copyThread: async (id) => {
      await onThread('read', id)
      await ask('threads', 'create', { metadata: { ...metadataOf.thread(id) } })
    },
    pruneThreads: async (body) => {
      const ids = body['thread_ids'] as string[]
      const { must } = await ask('threads', 'delete', { thread_ids: ids })
      return { ...body, thread_ids: ids.filter((id) => !isHidden(metadataOf.thread(id), must)) }
    },
    assistant: async (action, ref) => void await onAssistant(action, ref),
    createAssistant: async (body) => {
      const { value, must } = await ask<JsonObject>('assistants', 'create', { ...body, metadata: body['metadata'] ?? {} })
      const id = value['assistant_id']
      if (typeof id === 'string' && isHidden(metadataOf.assistant(id), must)) throw new PlatformError('assistant_exists', `Assistant ${id} already exists.`)
      return value
    },
    changeAssistant: async (ref, body) => withoutKey(await onAssistant('update', ref, body), 'assistant_id'),
    deleteAssistant: async (ref, deleteThreads) => {
      await onAssistant('delete', ref)
      if (deleteThreads === undefined || /^(false|0|no|)$/i.test(String(deleteThreads))) return
      const { must } = await ask('threads', 'delete', {})
      if (Object.keys(must).length > 0) throw new PlatformError('forbidden', 'The threads of an assistant may be other users\': delete yours one by one.')
    },
    run: async (action, runId) => {
      const run = storage.runs.get(runId)
      if (!run) throw runNotFound(runId)
      await onThread(action, run.thread_id, { run_id: runId })
    },
    cron: async (action, id) => void await onCron(action, id),
    createCron,
    changeCron: async (id, body) => {
      if (typeof body['assistant_id'] === 'string') await onAssistant('read', body['assistant_id'])
      return withoutKey(await onCron('update', id, body), 'cron_id')
    },
    itemQuery: async ({ key, namespace, ...more }) => {
      const labels = typeof namespace === 'string' ? namespace.split('.') : (namespace as string[] | undefined ?? []).flatMap((part) => part.split('.'))
      const { key: changedKey, namespace: changed } = await item('get', { key, namespace: labels.filter(Boolean) }, 'namespace')
      return { ...more, key: changedKey, namespace: changed }
    },
  }
}

const defined = (value: JsonObject): JsonObject => Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined))

function withoutKey(value: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = value
  return rest
}
