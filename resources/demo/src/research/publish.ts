import { interrupt, type LangGraphRunnableConfig } from '@langchain/langgraph'
import { z } from 'zod'
import type { ResearchState } from './state.ts'

type State = typeof ResearchState.State
type Update = typeof ResearchState.Update

export interface PublishRequest {
  readonly question: string
  readonly tool: 'publish_report'
  readonly title: string
  readonly audience: string
}

const Decision = z.object({ approved: z.boolean(), title: z.string().optional() })

/** The node asks a person before anything leaves the house. */
export function publish({ question, draft }: State, { writer }: LangGraphRunnableConfig): Update {
  const decision = parseDecision(interrupt<PublishRequest>({ question: 'Publish this report?', tool: 'publish_report', title: question, audience: 'everyone' }))
  writer?.({ step: decision.approved ? 'published' : 'kept back' })
  return { approved: decision.approved, ...(decision.title && { draft: draft.replace(/^# .*/, `# ${decision.title}`) }) }
}

function parseDecision(answer: unknown): z.infer<typeof Decision> {
  if (answer === true || answer === 'yes') return { approved: true }
  if (answer === false || answer === 'no') return { approved: false }
  const parsed = Decision.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new Error(`Publishing takes true, false, "yes", "no" or {"approved": true, "title": "…"}, not ${JSON.stringify(answer)}.`)
}
