import { tool } from '@langchain/core/tools'
import { z } from 'zod'

type Operator = '+' | '-' | '*' | '/'

const APPLY: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
}

/** Works out `+ - * /` with brackets. It has its own parser, so no text is ever run as code. */
export function evaluate(expression: string): number {
  const result = parse(expression)
  if (!Number.isFinite(result)) throw new Error(`"${expression}" has no finite result.`)
  return result
}

function parse(expression: string): number {
  const tokens = tokenize(expression)
  let position = 0

  const take = <T extends string>(...wanted: readonly T[]): T | undefined => {
    const token = wanted.find((candidate) => candidate === tokens[position])
    if (token !== undefined) position += 1
    return token
  }

  const chain = (operand: () => number, ...operators: readonly Operator[]): number => {
    let result = operand()
    for (let operator = take(...operators); operator; operator = take(...operators)) result = APPLY[operator](result, operand())
    return result
  }

  const sum = (): number => chain(product, '+', '-')
  const product = (): number => chain(factor, '*', '/')

  const factor = (): number => {
    if (take('-')) return -factor()
    if (take('(')) {
      const result = sum()
      if (!take(')')) throw new Error(`A closing bracket is missing in "${expression}".`)
      return result
    }
    const value = Number(tokens[position] ?? Number.NaN)
    if (Number.isNaN(value)) throw new Error(`A number is missing in "${expression}".`)
    position += 1
    return value
  }

  const result = sum()
  if (position < tokens.length) throw new Error(`"${tokens[position]}" is not expected in "${expression}".`)
  return result
}

function tokenize(expression: string): string[] {
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/()]/g) ?? []
  if (tokens.join('') !== expression.replaceAll(/\s/g, '')) throw new Error(`"${expression}" is not arithmetic.`)
  return tokens
}

export const calculator = tool(({ expression }) => String(evaluate(expression)), {
  name: 'calculator',
  description: 'Works out an arithmetic expression.',
  schema: z.object({ expression: z.string().describe('For example "17 * 23"') }),
})
