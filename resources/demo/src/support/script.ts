import type { BaseMessage } from '@langchain/core/messages'
import type { ScriptedReply } from '../model/scripted-chat-model.ts'
import { DESKS, type Desk } from './desks.ts'
import type { Memory } from './memory.ts'
import type { SupportContext } from './state.ts'

export interface Briefing extends Pick<SupportContext, 'tone' | 'max_suggestions'> {
  readonly desk: Desk
  readonly memory: Memory
}

/** The last line of the system message holds the facts; a real model reads them just as well. */
export function systemPrompt(instructions: string, briefing: Briefing): string {
  return `${instructions}\nAnswer for this desk, in this tone, with at most that many suggestions, and address the customer by name:\n${JSON.stringify(briefing)}`
}

export function supportScript(conversation: readonly BaseMessage[]): ScriptedReply {
  const { desk, tone, max_suggestions, memory } = JSON.parse(conversation[0]?.text.split('\n').at(-1) ?? '') as Briefing
  const { answer, suggestions } = DESKS[desk]
  const followUp = memory.channel ? `I will keep you posted by ${memory.channel}.` : ''
  const list = suggestions.slice(0, max_suggestions).map((suggestion) => `- ${suggestion}`).join('\n')
  return { text: [[greeting(tone, memory.name), answer, followUp].filter(Boolean).join(' '), list].filter(Boolean).join('\n\n') }
}

function greeting(tone: Briefing['tone'], name: string | undefined): string {
  switch (tone) {
    case 'warm':
      return `Hi ${name ?? 'there'}, how good that you write!`
    case 'strict':
      return name ? `${name}:` : ''
    case 'neutral':
      return name ? `Hello ${name}.` : 'Hello.'
  }
}
