import { interrupt } from '@langchain/langgraph'
import { z } from 'zod'

export interface ApprovalRequest {
  readonly action: string
  readonly args: Record<string, unknown>
  readonly description: string
}

const Response = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accept') }),
  z.object({ type: z.literal('ignore') }),
  z.object({ type: z.literal('response'), args: z.string() }),
  z.object({
    type: z.literal('edit'),
    args: z.union([
      z.object({ action: z.string().optional(), args: z.record(z.string(), z.unknown()) }).transform((edited) => edited.args),
      z.record(z.string(), z.unknown()),
    ]),
  }),
])

export type ApprovalResponse = z.infer<typeof Response>

/** Pauses the run until a person decides. The shape is the one that agent inboxes show as a form. */
export function requestApproval({ action, args, description }: ApprovalRequest): ApprovalResponse {
  return parseApproval(interrupt({
    action_request: { action, args },
    config: { allow_accept: true, allow_edit: true, allow_respond: true, allow_ignore: true },
    description,
  }))
}

/** Understands a response, a list with one response, and the short answers true, false, "approve" and "reject". Other text is an answer to the agent. */
export function parseApproval(answer: unknown): ApprovalResponse {
  if (answer === true || answer === 'approve') return { type: 'accept' }
  if (answer === false || answer === 'reject') return { type: 'ignore' }
  if (typeof answer === 'string') return { type: 'response', args: answer }
  const parsed = Response.safeParse(Array.isArray(answer) ? answer[0] : answer)
  if (parsed.success) return parsed.data
  throw new Error(`An approval is true, false, or {"type": "accept" | "edit" | "response" | "ignore", "args": …}, not ${JSON.stringify(answer)}.`)
}
