import type { BaseStore, Item, Operation, OperationResults, SearchItem } from '@langchain/langgraph-checkpoint'
import type { StoreOp } from '../../engine/graph-worker.ts'
import type { Connection } from '../connection.ts'
import { plainJson } from './plain-json.ts'
import type { UserLangGraph } from './user-langgraph.ts'

interface WireItem { namespace: string[], key: string, value: Record<string, unknown>, created_at: string, updated_at: string, score?: number | null }

/** What LangGraph's Postgres store takes beyond the base class; `ttl` in minutes. */
interface WithTtl { ttl?: number | null, options?: { ttl?: number | null } }
interface WithRefresh { refreshTtl?: boolean }

/** Long-term memory for graphs: a store of the user's LangGraph copy that asks the server. */
export function createStore(langgraph: UserLangGraph, connection: Connection): BaseStore {
  class ServerStore extends (langgraph.BaseStore as typeof BaseStore) {
    override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
      const ops = operations.map(toStoreOp)
      const { results } = await connection.request<{ results: unknown[] }>('store', { ops })
      return results.map((result, index) => fromResult(ops[index]!, result)) as OperationResults<Op>
    }

    override async get(namespace: string[], key: string, options: WithRefresh = {}): Promise<Item | null> {
      const [item] = await this.batch([{ ...options, namespace, key }])
      return item ?? null
    }

    override async search(namespacePrefix: string[], options: Parameters<BaseStore['search']>[1] & WithRefresh = {}): Promise<SearchItem[]> {
      const [found = []] = await this.batch([{ ...options, namespacePrefix }])
      return found
    }

    override async put(namespace: string[], key: string, value: Record<string, unknown>, index?: false | string[], options: WithTtl = {}): Promise<void> {
      await this.batch([{ ...options, namespace, key, value, ...(index === undefined ? {} : { index }) }])
    }
  }
  if (langgraph.AsyncBatchedStore) passOn(langgraph.AsyncBatchedStore, (store) => store instanceof ServerStore)
  return new ServerStore()
}

type Calls = Record<string, (this: { store?: unknown }, ...args: unknown[]) => unknown>

/**
 * LangGraph hands nodes our store behind one that gathers calls. That one forgets what it does not know (how an item is indexed,
 * how long it stays) and can't list namespaces or batch: such calls go to ours as they are.
 */
function passOn(gatherer: NonNullable<UserLangGraph['AsyncBatchedStore']>, isOurs: (store: unknown) => boolean): void {
  const calls = gatherer.prototype as unknown as Calls
  const pass = (name: string, isBeyondIt: (args: unknown[]) => boolean) => {
    const gathered = calls[name]!
    calls[name] = function (...args) {
      return isOurs(this.store) && isBeyondIt(args) ? (this.store as Calls)[name]!(...args) : gathered.apply(this, args)
    }
  }
  pass('batch', () => true)
  pass('listNamespaces', () => true)
  pass('put', ([, , , index, options]) => index !== undefined || options !== undefined)
  pass('get', ([, , options]) => options !== undefined)
  pass('search', ([, options]) => (options as WithRefresh | undefined)?.refreshTtl !== undefined)
}

function toStoreOp(operation: Operation): StoreOp {
  const { refreshTtl: refresh_ttl } = operation as WithRefresh
  if ('namespacePrefix' in operation) {
    const { namespacePrefix, filter, limit = 10, offset = 0, query } = operation
    return { op: 'search', args: { namespace_prefix: namespacePrefix, filter: filter ?? null, limit, offset, query: query ?? null, refresh_ttl } }
  }
  if ('value' in operation) {
    const { namespace, key, value, index } = operation
    if (value === null) return { op: 'delete', args: { namespace, key } }
    const { ttl, options } = operation as WithTtl
    return { op: 'put', args: { namespace, key, value: plainJson(value), index, ttl: ttl === undefined ? options?.ttl : ttl } }
  }
  if ('key' in operation) return { op: 'get', args: { namespace: operation.namespace, key: operation.key, refresh_ttl } }
  return namespacesOp(operation)
}

function namespacesOp({ matchConditions = [], maxDepth, limit, offset }: Extract<Operation, { limit: number }>): StoreOp {
  const path = (type: 'prefix' | 'suffix') => {
    const [condition, another] = matchConditions.filter(({ matchType }) => matchType === type)
    if (another) throw new Error(`Namespaces are listed by one ${type} at a time.`)
    return condition?.path
  }
  return { op: 'namespaces', args: { prefix: path('prefix'), suffix: path('suffix'), max_depth: maxDepth, limit, offset } }
}

function fromResult({ op }: StoreOp, result: unknown): unknown {
  if (op === 'get') return result ? toItem(result as WireItem) : null
  if (op === 'search') return (result as WireItem[]).map(toItem)
  return op === 'namespaces' ? result : undefined
}

const toItem = ({ namespace, key, value, created_at, updated_at, score }: WireItem): SearchItem => ({
  namespace, key, value, createdAt: new Date(created_at), updatedAt: new Date(updated_at), ...(score === undefined || score === null ? {} : { score }),
})
