import { HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages'
import type { Script, ScriptedReply, ScriptedToolCall } from '../model/scripted-chat-model.ts'
import { WEATHER_CITIES } from './tools/current-weather.ts'

const GREETING = 'I can do arithmetic, tell the weather, search the team\'s notes and send emails. Try "What is 17 * 23?" or "Email Ada the summary of the launch notes".'

/** What a model would do: look at the last question and at what the tools have answered since. */
export const agentScript: Script = (conversation) => {
  const last = conversation.findLastIndex((message) => HumanMessage.isInstance(message))
  const question = conversation[last]?.text ?? ''
  const results = conversation.slice(last + 1).filter((message) => ToolMessage.isInstance(message))
  const recipients = recipientsOf(question)
  if (recipients.length > 0) return emailReply(question, recipients, results)
  return results.length > 0 ? answer(results) : firstReply(question)
}

function firstReply(question: string): ScriptedReply {
  const calls = [...calculations(question), ...weatherRequests(question), ...searches(question)]
  return calls.length > 0 ? { text: 'Let me look that up.', toolCalls: calls } : { text: GREETING }
}

function emailReply(question: string, recipients: readonly string[], results: readonly ToolMessage[]): ScriptedReply {
  const found = results.find((result) => result.name === 'search_notes')
  const outcomes = results.filter((result) => result.name === 'send_email')
  if (outcomes.length > 0) return answer(outcomes)
  if (!found) {
    const query = /note/i.test(question) ? question : `${question} notes`
    return { text: 'First I look for the right notes.', toolCalls: [{ name: 'search_notes', args: { query } }] }
  }
  const [, title, text = found.text] = /^(\w+ notes): (.*)$/s.exec(found.text) ?? []
  const email = (to: string): ScriptedToolCall => ({
    name: 'send_email',
    args: { to, subject: title ? `Summary: ${title}` : 'A short note', body: `Hi ${nameOf(to)},\n\n${text}` },
  })
  return { text: `I have drafted ${recipients.length === 1 ? 'an email' : `${recipients.length} emails`} and need your approval.`, toolCalls: recipients.map(email) }
}

function answer(results: readonly BaseMessage[]): ScriptedReply {
  return { text: results.map((result) => result.name === 'calculator' && /^-?[\d.e+]+$/.test(result.text) ? `The result is ${result.text}.` : result.text).join('\n\n') }
}

/** "Email Ada and Grace …" names two people; addresses count too. */
function recipientsOf(question: string): string[] {
  const people = /\b(?:e-?mail|write)(?:\s+to)?\s+((?:[A-Z]\w*|\S+@\S+)(?:(?:\s*,\s*|\s*,?\s*and\s+)(?:[A-Z]\w*|\S+@\S+))*)/i.exec(question)?.[1] ?? ''
  return people.split(/\s*,\s*(?:and\s+)?|\s+and\s+/).filter((name) => /^[A-Z]\w*$|@/.test(name)).map((name) => name.includes('@') ? name : `${name.toLowerCase()}@example.com`)
}

const nameOf = (address: string): string => address.charAt(0).toUpperCase() + address.slice(1, address.indexOf('@'))

function calculations(question: string): ScriptedToolCall[] {
  const expressions = question.match(/[\d(][\d\s.()+*/-]*[-+*/][\d\s.()+*/-]*[\d)]/g) ?? []
  return expressions.map((expression) => ({ name: 'calculator', args: { expression: expression.trim() } }))
}

function weatherRequests(question: string): ScriptedToolCall[] {
  if (!/weather|rain|sunny|warm|cold/i.test(question)) return []
  const cities = WEATHER_CITIES.filter((city) => question.toLowerCase().includes(city))
  const named = cities.length > 0 ? cities : [/\bin ([A-Z]\w+)/.exec(question)?.[1] ?? 'Berlin']
  return named.map((city) => ({ name: 'current_weather', args: { city: city.replace(/\b\w/g, (letter) => letter.toUpperCase()) } }))
}

function searches(question: string): ScriptedToolCall[] {
  return /notes?\b|launch|hiring|offsite|budget/i.test(question) ? [{ name: 'search_notes', args: { query: question } }] : []
}
