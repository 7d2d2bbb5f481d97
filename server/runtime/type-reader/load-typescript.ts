import { createRequire } from 'node:module'
import { join } from 'node:path'
import type TypeScript from 'typescript'

export type { TypeScript }

/** The project's own TypeScript knows its syntax; ours serves where it has none, or one without the compiler's classic interface. */
export function loadTypeScript(projectDir: string, appDir: string): typeof TypeScript {
  for (const dir of [projectDir, appDir]) {
    const found = requireFrom(dir)
    if (isUsable(found)) return found
  }
  throw new Error('TypeScript 5 or 6 is not installed; run npm install typescript in the project.')
}

function requireFrom(dir: string): unknown {
  try {
    return createRequire(join(dir, 'package.json'))('typescript')
  } catch {
    // Not installed there.
    return null
  }
}

/** From 5.0 on it resolves packages as bundlers do; from 7 on it is another program. */
function isUsable(found: unknown): found is typeof TypeScript {
  if (typeof found !== 'object' || found === null || !('createProgram' in found) || !('version' in found)) return false
  const major = Number.parseInt(String(found.version), 10)
  return major >= 5 && major < 7
}

/** A generic type with its arguments. */
export const isReference = (ts: typeof TypeScript, type: TypeScript.Type): type is TypeScript.TypeReference => (type.flags & ts.TypeFlags.Object) !== 0 && 'target' in type
