import type { BaseMessage } from '@langchain/core/messages'
import type { ScriptedReply } from '../model/scripted-chat-model.ts'
import type { Note } from './state.ts'

/** What the writer asks the model for; the script reads it back, a real model just follows it. */
export function writingRequest(question: string, notes: readonly Note[]): string {
  return [
    'Answer the question in a short report in Markdown. Name the source of each claim.',
    `Question: ${question}`,
    ...notes.map(({ source, claim }) => `- ${claim} [${source}]`),
  ].join('\n')
}

export function writerScript(conversation: readonly BaseMessage[]): ScriptedReply {
  const lines = (conversation.at(-1)?.text ?? '').split('\n')
  const question = lines.find((line) => line.startsWith('Question: '))?.replace('Question: ', '') ?? ''
  const claims = lines.filter((line) => line.startsWith('- '))
  return { text: [`# ${question}`, `The ${claims.length} strongest findings:`, claims.join('\n')].join('\n\n') }
}
