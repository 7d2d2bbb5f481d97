import { type TSchema, type Static } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

const validators = new Map<TSchema, Validator>()

/** The value as what its schema says it is; else `refuse` gets where it is not, and why. */
export function checkValue<T extends TSchema>(schema: T, value: unknown, refuse: (problem: string) => never): Static<T> {
  const validator = validators.get(schema) ?? Compile(schema)
  validators.set(schema, validator)
  if (validator.Check(value)) return value as Static<T>
  const [first] = validator.Errors(value)
  return refuse(`${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`)
}
