export const WEBHOOK_ENV_PREFIX = 'LG_WEBHOOK_'

const TEMPLATE = /\$\{\{(.*?)\}\}/gs
const REFERENCE = /^\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*$/

export type FilledHeader = { readonly value: string } | { readonly problem: string }

/**
 * Puts environment variables in place of `${{ env.NAME }}` (§3.10). Only names with the prefix are given out, and what is put
 * in is not looked at again.
 */
export function fillHeader(text: string, env: Readonly<Record<string, string | undefined>>, prefix: string): FilledHeader {
  let problem: string | null = null
  const value = text.replace(TEMPLATE, (template, inside: string) => {
    const name = REFERENCE.exec(inside)?.[1]
    problem ??= problemOf(template, name, env, prefix)
    return (name && env[name]) ?? ''
  })
  return problem === null ? { value } : { problem }
}

function problemOf(template: string, name: string | undefined, env: Readonly<Record<string, string | undefined>>, prefix: string): string | null {
  if (!name) return `${template} is no template that is known: there is \${{ env.NAME }} only.`
  if (!name.startsWith(prefix)) return `${name} may not be used: its name must begin with ${prefix}.`
  return Object.hasOwn(env, name) && env[name] !== undefined ? null : `The environment variable ${name} is not set.`
}
