import type { BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointListOptions, CheckpointMetadata, CheckpointTuple, PendingWrite } from '@langchain/langgraph-checkpoint'
import type { RunnableConfig } from '@langchain/core/runnables'
import type { CheckpointClient } from './checkpoint-client.ts'
import { lacksSends, withSendsAsChannel, withSendsFor, withSendsOf } from './pending-sends.ts'
import type { UserLangGraph } from './user-langgraph.ts'

type SaverParts = Pick<UserLangGraph, 'BaseCheckpointSaver' | 'emptyCheckpoint'>

/** A checkpointer of the user's own LangGraph copy, over a run's connection to the server. */
export function createCheckpointer({ BaseCheckpointSaver: Base, emptyCheckpoint }: SaverParts, client: CheckpointClient): BaseCheckpointSaver {
  const isListed = 'pending_sends' in emptyCheckpoint()

  async function forThisVersion(tuple: CheckpointTuple): Promise<CheckpointTuple> {
    const checkpoint = lacksSends(tuple) ? withSendsOf(await client.get(tuple.parentConfig!), tuple.checkpoint) : tuple.checkpoint
    return { ...tuple, checkpoint: withSendsFor(isListed, checkpoint) }
  }

  class ServerCheckpointer extends (Base as typeof BaseCheckpointSaver<number>) {
    override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
      const tuple = await client.get(config)
      return tuple && await forThisVersion(tuple)
    }

    override async *list(config: RunnableConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
      for (const tuple of await client.list(config, options)) yield await forThisVersion(tuple)
    }

    override put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, newVersions: ChannelVersions): Promise<RunnableConfig> {
      return client.put({ config, checkpoint: withSendsAsChannel(checkpoint), metadata, newVersions })
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
