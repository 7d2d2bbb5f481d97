import { expect, test } from 'vitest'
import { inputNote } from './input-note.ts'

const drawn = { isDrawn: true, hasFields: true, schemas: {}, readiness: 'ready' } as const

test.each([
  [{ ...drawn, isDrawn: false }, ''], [drawn, ''], [{ ...drawn, readiness: 'busy' as const }, ''],
  [{ ...drawn, hasFields: false, schemas: null }, 'The schema is not known yet: give any JSON object.'],
  [{ ...drawn, hasFields: false }, 'This graph does not say what it takes. Give any JSON object.'],
  [{ ...drawn, hasFields: false, schemas: { schema_problem: 'It is too large.' } }, 'It is too large. Give any JSON object.'],
  [{ ...drawn, schemas: { schema_problem: 'It is too large.' } }, 'It is too large.'],
  [{ ...drawn, schemas: { schema_problem: 'It is too large.' }, readiness: 'paused' as const }, 'A new input starts over; Continue goes on.'],
])('%j says: %s', (situation, note) => expect(inputNote(situation)).toBe(note))
