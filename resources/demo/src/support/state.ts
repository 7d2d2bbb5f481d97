import { MessagesValue, StateSchema } from '@langchain/langgraph'
import { z } from 'zod'

export const SupportState = new StateSchema({
  messages: MessagesValue,
  user_id: z.string().default('guest').describe('Whose memories to use'),
})

/** What an assistant can set. Every field has a default, so a run without a context works too. */
export const SupportContext = z.object({
  system_prompt: z.string().default('You are a friendly support agent.').describe('How the desk introduces itself to the model'),
  temperature: z.number().min(0).max(1).default(0.2).describe('How freely a real model words its reply'),
  tone: z.enum(['neutral', 'warm', 'strict']).default('neutral').describe('How the reply sounds'),
  use_memory: z.boolean().default(true).describe('Whether to remember what customers say about themselves'),
  max_suggestions: z.int().min(0).max(3).default(2).describe('How many next steps a reply suggests at most'),
})

export type SupportContext = z.infer<typeof SupportContext>
