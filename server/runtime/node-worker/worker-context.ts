import type { BaseStore } from '@langchain/langgraph-checkpoint'
import type { Connection } from '../connection.ts'
import type { Embed } from './embeddings.ts'
import type { LiveReader } from './live-values.ts'
import type { SentPieces } from './sent-pieces.ts'
import type { CompiledGraph, UserLangGraph } from './user-langgraph.ts'

/** What the parts of a worker share. */
export interface WorkerContext {
  readonly connection: Connection
  readonly langgraph: UserLangGraph
  readonly sent: SentPieces
  readonly read: LiveReader
  readonly store: BaseStore
  /** The graph for one use. Rejects with a `GraphUnusableError`. */
  graph(graphId: string, config: object): Promise<CompiledGraph>
  readonly embed: Embed
}
