import type { Checkpoint, CheckpointTuple } from '@langchain/langgraph-checkpoint'

const TASKS = '__pregel_tasks'
/** The version of checkpoints since which sends are the value of a channel. */
const SENDS_ARE_A_CHANNEL = 4

interface WithPendingSends { readonly pending_sends?: readonly unknown[] }

/**
 * Before LangGraph 0.4 a checkpoint lists the tasks to be sent beside its channels, in the order their ids are
 * made from. They are stored as the channel they have become since, so that values in them stay themselves.
 */
export function withSendsAsChannel(checkpoint: Checkpoint): Checkpoint {
  const { pending_sends: sends, ...rest } = checkpoint as Checkpoint & WithPendingSends
  return sends ? { ...rest, channel_values: { ...rest.channel_values, [TASKS]: sends } } : checkpoint
}

/** Gives the sends where the user's LangGraph looks for them, whichever version has written the checkpoint. */
export function withSendsFor(isListed: boolean, checkpoint: Checkpoint): Checkpoint {
  const { [TASKS]: sends, ...values } = checkpoint.channel_values
  if (isListed) return { ...checkpoint, channel_values: values, pending_sends: sends ?? [] } as Checkpoint
  if (checkpoint.v >= SENDS_ARE_A_CHANNEL || sends === undefined) return checkpoint
  const versions = Object.values(checkpoint.channel_versions) as number[]
  return { ...checkpoint, channel_versions: { ...checkpoint.channel_versions, [TASKS]: versions.length > 0 ? Math.max(...versions) : 1 } }
}

/** A checkpoint of an old version put by others has no sends of its own: they are among its parent's writes. */
export const lacksSends = ({ checkpoint, parentConfig }: CheckpointTuple): boolean =>
  checkpoint.v < SENDS_ARE_A_CHANNEL && parentConfig !== undefined && !(TASKS in checkpoint.channel_values)

export function withSendsOf(parent: CheckpointTuple | undefined, checkpoint: Checkpoint): Checkpoint {
  const sends = (parent?.pendingWrites ?? []).filter(([, channel]) => channel === TASKS).map(([, , send]) => send)
  return { ...checkpoint, channel_values: { ...checkpoint.channel_values, [TASKS]: sends } }
}
