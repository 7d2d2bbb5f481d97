import type { BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointListOptions, CheckpointMetadata, CheckpointTuple, PendingWrite } from '@langchain/langgraph-checkpoint'
import type { RunnableConfig } from '@langchain/core/runnables'
import type { CheckpointClient } from './checkpoint-client.ts'
import type { UserLangGraph } from './user-langgraph.ts'

/** A checkpointer of the user's own LangGraph copy, over a run's connection to the server. */
export function createCheckpointer({ BaseCheckpointSaver: Base }: Pick<UserLangGraph, 'BaseCheckpointSaver'>, client: CheckpointClient): BaseCheckpointSaver {
  class ServerCheckpointer extends (Base as typeof BaseCheckpointSaver<number>) {
    override getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
      return client.get(config)
    }

    override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
      yield* await client.list(config, options)
    }

    override put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions): Promise<RunnableConfig> {
      return client.put({ config, checkpoint, metadata, newVersions })
    }

    override putWrites(config: RunnableConfig, writes: PendingWrite[], taskId: string): Promise<void> {
      return client.putWrites(config, writes, taskId)
    }

    override deleteThread(threadId: string): Promise<void> {
      return client.deleteThread(threadId)
    }
  }
  return new ServerCheckpointer()
}
