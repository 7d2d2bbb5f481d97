export interface PendingInterrupt { readonly id: string | null, readonly node: string, readonly value: unknown }

export interface ActionRequest { readonly action: string, readonly args: Readonly<Record<string, unknown>>, readonly description: string | null }

/** Which answers make sense, told by the payload's shape. */
export type PayloadShape =
  /** agent-inbox and its kin: one proposed action, four verbs. */
  | { readonly kind: 'action', readonly request: ActionRequest, readonly allow: { readonly accept: boolean, readonly edit: boolean, readonly respond: boolean, readonly ignore: boolean }, readonly asList: boolean }
  /** LangChain's human-in-the-loop middleware: a list of proposed actions, one decision each. */
  | { readonly kind: 'review', readonly requests: readonly ActionRequest[] }
  /** A question in words, with facts beside it. */
  | { readonly kind: 'question', readonly question: string, readonly facts: Readonly<Record<string, unknown>> }
  | { readonly kind: 'value', readonly value: unknown }

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | null => typeof value === 'string' ? value : null
const QUESTION_KEYS = ['question', 'message', 'prompt', 'instruction', 'query', 'text'] as const

function actionIn(value: unknown): ActionRequest | null {
  if (!isRecord(value)) return null
  const name = text(value['action']) ?? text(value['name'])
  const args = value['args'] ?? value['arguments']
  return name !== null && isRecord(args) ? { action: name, args, description: text(value['description']) } : null
}

export function shapeOf(payload: unknown): PayloadShape {
  const only: unknown = Array.isArray(payload) && payload.length === 1 ? payload[0] : payload
  if (isRecord(only)) {
    const request = actionIn(only['action_request'])
    if (request) {
      const config = isRecord(only['config']) ? only['config'] : {}
      const allows = (verb: string) => config[`allow_${verb}`] !== false
      return { kind: 'action', request: { ...request, description: text(only['description']) ?? request.description }, allow: { accept: allows('accept'), edit: allows('edit'), respond: allows('respond'), ignore: allows('ignore') }, asList: true }
    }
    const requests = Array.isArray(only['action_requests']) ? only['action_requests'].map(actionIn) : []
    if (requests.length && requests.every((candidate) => candidate !== null)) return { kind: 'review', requests }
    const key = QUESTION_KEYS.find((candidate) => typeof only[candidate] === 'string')
    if (key) {
      const { [key]: question, ...facts } = only
      return { kind: 'question', question: String(question), facts }
    }
  }
  if (typeof payload === 'string') return { kind: 'question', question: payload, facts: {} }
  return { kind: 'value', value: payload }
}

/** What is asked, in one line. */
export function questionLine(payload: unknown): string {
  const shape = shapeOf(payload)
  if (shape.kind === 'question') return shape.question
  if (shape.kind === 'action') return shape.request.description ?? `Run ${shape.request.action}?`
  if (shape.kind === 'review') return `Run ${shape.requests.map(({ action }) => action).join(', ')}?`
  return JSON.stringify(shape.value)?.slice(0, 200) ?? ''
}

export type Verb = 'accept' | 'edit' | 'response' | 'ignore'

/** agent-inbox's answer: a list with one entry. */
export const actionAnswer = (verb: Verb, request: ActionRequest, given: unknown): unknown =>
  [{ type: verb, args: verb === 'edit' ? { action: request.action, args: given } : verb === 'response' ? given : null }]

export type Decision = { readonly type: 'approve' } | { readonly type: 'edit', readonly args: unknown } | { readonly type: 'reject', readonly message: string }

/** The middleware's answer: one decision per request, in order. */
export const reviewAnswer = (requests: readonly ActionRequest[], decisions: readonly Decision[]): unknown => ({
  decisions: decisions.map((decision, i) => decision.type === 'edit' ? { type: 'edit', edited_action: { name: requests[i]!.action, args: decision.args } } : decision),
})

/**
 * The command's `resume`: a map from interrupt id to answer, since `null`, `false` and `''` alone are taken for no answer. Without ids
 * (older servers) the answer itself. Null while nothing is answered.
 */
export function resumeValue(interrupts: readonly PendingInterrupt[], answers: ReadonlyMap<number, unknown>): { resume: unknown } | null {
  if (answers.size === 0) return null
  const known = [...answers].flatMap(([i, answer]) => interrupts[i]?.id ? [[interrupts[i].id, answer] as const] : [])
  if (known.length) return { resume: Object.fromEntries(known) }
  return interrupts.length === 1 ? { resume: answers.get(0) } : null
}
