// What clients do besides running graphs, and the table of all operations of a plan.
import { askAndResume, cancelRun, deleteThread, forkRun, startRun, startStateless } from './run-operations.mjs'

/** Each takes the client's context and the operation of the plan. They reject when an answer did not come. */
export const OPERATIONS = {
  run: startRun, stateless: startStateless, cancel: cancelRun, ask: askAndResume, fork: forkRun, deleteThread,
  update: updateState, copy: copyThread, item: writeItem, assistant: writeAssistant, patchThread,
}

/** Makes the threads a client works on, at the start of each life: they may be there already. */
export async function makeThreads(context, { shared, own }) {
  for (const thread of [...shared, own.own, own.ask]) {
    const made = context.ledger.write(`thread:${thread}`, 'there')
    const { status } = await context.call('POST', '/threads', { thread_id: thread, if_exists: 'do_nothing', metadata: { graph_id: thread === own.ask ? 'ask' : 'count' } })
    if (status === 200) made.done()
  }
}

/** The checkpoint that an update made is there for as long as its thread. */
async function updateState({ ledger, call }, { thread, mark }) {
  const { status, body } = await call('POST', `/threads/${thread}/state`, { values: { marks: [mark] }, as_node: 'step' })
  if (status === 200) ledger.updates.push({ thread, mark, checkpoint: body.checkpoint.checkpoint_id })
}

async function copyThread({ ledger, call }, { thread }) {
  const { status, body } = await call('POST', `/threads/${thread}/copy`)
  if (status !== 200) return
  ledger.write(`thread:${body.thread_id}`, 'there').done()
  ledger.write(`values:${body.thread_id}`, body.values).done()
}

async function writeItem({ ledger, call }, { namespace, key, value }) {
  const written = ledger.write(`item:${namespace.join('.')}:${key}`, value)
  const { status } = value === null ? await call('DELETE', '/store/items', { namespace, key }) : await call('PUT', '/store/items', { namespace, key, value })
  if (status < 300) written.done()
  else written.refused()
}

async function writeAssistant({ ledger, call }, { id, name }) {
  const written = ledger.write(`assistant:${id}`, name)
  const { status } = await call('PATCH', `/assistants/${id}`, { name })
  if (status === 200) return written.done()
  const created = await call('POST', '/assistants', { assistant_id: id, graph_id: 'count', name })
  if (created.status === 200) written.done()
  else written.refused()
}

async function patchThread({ ledger, call }, { thread, mark }) {
  const written = ledger.write(`mark:${thread}`, mark)
  const { status } = await call('PATCH', `/threads/${thread}`, { metadata: { mark } })
  if (status === 200) written.done()
  else written.refused()
}
