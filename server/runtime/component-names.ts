import { transform } from 'esbuild'

/**
 * The keys of the object that `variable` is, read from a bundle of esbuild's that is not minified. Null where the code does not say
 * them plainly (spread, computed, added later): only running it would tell.
 */
export async function componentNames(bundle: string, variable: string): Promise<ReadonlySet<string> | null> {
  const code = bundle.replaceAll(/^ *\/\/.*$/gm, '')
  const object = objectBehind(code, variable)
  if (!object) return null
  if (code.startsWith('{}', object.brace)) return new Set()
  // A line for each key, and no text that goes over lines: what looks like a key is one.
  const apart = `${code.slice(0, object.brace + 1)}\n${code.slice(object.brace + 1)}`
  const { code: plain } = await transform(apart, { supported: { 'template-literal': false }, charset: 'utf8', legalComments: 'none', logLevel: 'silent' })
  const lines = plain.slice(declarationOf(plain, object.name)?.start).split('\n').slice(1)
  return keysIn(lines.slice(0, lines.indexOf('};')))
}

/** `name` has letters, digits, `_` and `$` only. */
const pattern = (name: string) => name.replaceAll('$', '\\$')

function declarationOf(code: string, name: string): { start: number, value: string } | null {
  const found = new RegExp(`^(?:var|let|const) ${pattern(name)} = (.*)$`, 'm').exec(code)
  return found && { start: found.index, value: found[1]! }
}

const mentionsOf = (code: string, name: string) => code.match(new RegExp(`(?<![\\w$])${pattern(name)}(?![\\w$])`, 'g'))?.length ?? 0

/** Follows names to the object. One that is mentioned elsewhere too could be changed there. */
function objectBehind(code: string, variable: string): { name: string, brace: number } | null {
  let name = variable
  for (;;) {
    const declared = declarationOf(code, name)
    if (!declared || (name !== variable && mentionsOf(code, name) !== 2)) return null
    if (declared.value.startsWith('{')) return { name, brace: code.indexOf('{', declared.start) }
    const next = /^([\w$]+);$/.exec(declared.value)?.[1]
    if (next === undefined) return null
    name = next
  }
}

const KEY = /^ {2}(?:(?:get|async) )?\*?(?:([A-Za-z_$][\w$]*)|"([^"\\]*)"|'([^'\\]*)')(?:: |\(|,?$)/
const INSIDE = /^ {3}|^ {2}[)}\]]/

function keysIn(lines: readonly string[]): ReadonlySet<string> | null {
  const keys = new Set<string>()
  for (const line of lines) {
    if (INSIDE.test(line)) continue
    const found = KEY.exec(line)
    if (!found) return null
    keys.add(found[1] ?? found[2] ?? found[3]!)
  }
  // It names no entry, but what the object inherits from.
  keys.delete('__proto__')
  return keys
}
