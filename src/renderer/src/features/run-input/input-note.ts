import type { Readiness } from '../run/index.ts'

interface Situation {
  readonly isDrawn: boolean
  /** Whether there is a form. */
  readonly hasFields: boolean
  readonly schemas: { readonly schema_problem?: string } | null
  readonly readiness: Readiness
}

const STARTS_OVER: Readonly<Partial<Record<Readiness, string>>> = {
  questions: 'A new input starts over; to go on, answer on the right.', paused: 'A new input starts over; Continue goes on.', failed: 'A new input starts over; Retry runs the failed step again.',
}

/** What a person should know before they give an input; empty when there is nothing. */
export function inputNote({ isDrawn, hasFields, schemas, readiness }: Situation): string {
  if (!isDrawn) return ''
  if (!schemas) return 'The schema is not known yet: give any JSON object.'
  const problem = schemas.schema_problem ?? ''
  if (!hasFields) return `${problem || 'This graph does not say what it takes.'} Give any JSON object.`
  return STARTS_OVER[readiness] ?? problem
}
