import { interruptsByTask, tasksOf, valuesOf } from '../../domain/checkpoint-view.ts'
import type { PieceSource } from '../../domain/read-value.ts'
import { MOST_PAYLOAD_BYTES, type EndState } from '../../domain/webhook-payload.ts'
import type { CheckpointStore } from '../storage.ts'

/** Stored text may be longer than what clients see of it, but not by more than this. */
const MOST_STORED = 4 * MOST_PAYLOAD_BYTES

/** What a thread is now, for a webhook. A state of many megabytes is not read to its end, and a damaged one keeps no run from ending. */
export function endState(checkpoints: Pick<CheckpointStore, 'get' | 'writes' | 'piece'>, threadId: string): EndState {
  const newest = checkpoints.get(threadId, '', null)
  if (!newest) return { values: null, interrupts: {} }
  const pieces = limited(checkpoints.piece)
  try {
    const tasks = tasksOf(newest, checkpoints.writes(threadId, '', newest.checkpoint_id), pieces)
    return { values: valuesOf(newest, pieces), interrupts: interruptsByTask(tasks) }
  } catch {
    return { values: null, interrupts: {}, isUnread: true }
  }
}

function limited(pieces: PieceSource): PieceSource {
  let read = 0
  return (hash) => {
    const text = pieces(hash)
    read += text.length
    if (read > MOST_STORED) throw new RangeError('The state is too large.')
    return text
  }
}
