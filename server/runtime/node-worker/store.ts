import type { BaseStore, Item, Operation, OperationResults } from '@langchain/langgraph-checkpoint'
import type { StoreOp } from '../../engine/graph-worker.ts'
import type { Connection } from '../connection.ts'
import { plainJson } from './plain-json.ts'
import type { UserLangGraph } from './user-langgraph.ts'

interface WireItem { namespace: string[], key: string, value: Record<string, unknown>, created_at: string, updated_at: string, score?: number }

/** Long-term memory for graphs: a store of the user's LangGraph copy that asks the server. */
export function createStore(langgraph: UserLangGraph, connection: Connection): BaseStore {
  class ServerStore extends (langgraph.BaseStore as typeof BaseStore) {
    override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
      const ops = operations.map(toStoreOp)
      const { results } = await connection.request<{ results: unknown[] }>('store', { ops })
      return results.map((result, index) => fromResult(ops[index]!, result)) as OperationResults<Op>
    }
  }
  return new ServerStore()
}

function toStoreOp(operation: Operation): StoreOp {
  if ('namespacePrefix' in operation) {
    const { namespacePrefix, filter, limit = 10, offset = 0, query } = operation
    return { op: 'search', args: { namespace_prefix: namespacePrefix, filter: filter ?? null, limit, offset, query: query ?? null } }
  }
  if ('value' in operation) {
    const { namespace, key, value, index } = operation
    if (value === null) return { op: 'delete', args: { namespace, key } }
    return { op: 'put', args: { namespace, key, value: plainJson(value), ...(index === undefined ? {} : { index }) } }
  }
  if ('key' in operation) return { op: 'get', args: { namespace: operation.namespace, key: operation.key } }
  return namespacesOp(operation)
}

function namespacesOp({ matchConditions = [], maxDepth, limit, offset }: Extract<Operation, { limit: number }>): StoreOp {
  const path = (type: 'prefix' | 'suffix') => matchConditions.find(({ matchType }) => matchType === type)?.path
  const [prefix, suffix] = [path('prefix'), path('suffix')]
  return { op: 'namespaces', args: { ...(prefix ? { prefix } : {}), ...(suffix ? { suffix } : {}), max_depth: maxDepth ?? null, limit, offset } }
}

function fromResult({ op }: StoreOp, result: unknown): unknown {
  if (op === 'get') return result ? toItem(result as WireItem) : null
  if (op === 'search') return (result as WireItem[]).map(toItem)
  return op === 'namespaces' ? result : undefined
}

const toItem = ({ namespace, key, value, created_at, updated_at, score }: WireItem): Item & { score?: number } => ({
  namespace, key, value, createdAt: new Date(created_at), updatedAt: new Date(updated_at), ...(score === undefined || score === null ? {} : { score }),
})
