import { ReducedValue, StateSchema } from '@langchain/langgraph'
import { z } from 'zod'

export const Note = z.object({
  source: z.string().describe('The document that says it'),
  claim: z.string(),
  score: z.number().min(0).max(1).describe('How well the document fits the question'),
})

export type Note = z.infer<typeof Note>

const inputFields = {
  question: z.string().default('').describe('What the report should answer'),
  depth: z.enum(['quick', 'thorough']).default('thorough').describe('How many directions to look in'),
  max_passes: z.int().min(1).max(5).optional().describe('How many rounds of research are allowed'),
}

export const ResearchInput = new StateSchema(inputFields)

/** Researchers work in parallel and may find the same document: the better note stays. */
const notes = new ReducedValue(z.array(Note).default([]), {
  inputSchema: z.array(Note),
  reducer: (known, found) => {
    const bySource = new Map(known.map((note) => [note.source, note]))
    for (const note of found) if (note.score >= (bySource.get(note.source)?.score ?? 0)) bySource.set(note.source, note)
    return [...bySource.values()]
  },
  jsonSchemaExtra: { description: 'What the researchers have found' },
})

export const ResearchState = new StateSchema({
  ...inputFields,
  plan: z.array(z.string()).default([]).describe('The questions for this round of research'),
  notes,
  passes: z.int().default(0).describe('How many rounds of research are done'),
  draft: z.string().default('').describe('The report'),
  approved: z.boolean().default(false).describe('Whether the report may be published'),
})

export const ResearcherState = new StateSchema({
  task: z.string().describe('The question to look into'),
  hits: z.array(z.object({ source: z.string(), score: z.number() })).default([]).describe('The documents that fit the question'),
  texts: z.record(z.string(), z.string()).default({}).describe('What these documents say'),
  notes,
})
