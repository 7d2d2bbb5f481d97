interface Named { readonly assistant_id: string, readonly name: string }

/** What a client of tools accepts as a name (wire reference §1.7). */
const LONGEST = 64
const clean = (name: string) => name.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '').slice(0, LONGEST)

/** A tool's name for each assistant: its own where that is one, and no two alike. The first of a name keeps it. */
export function toolNames<T extends Named>(assistants: readonly T[]): Map<string, T> {
  const tools = new Map<string, T>()
  for (const assistant of assistants) {
    const { assistant_id } = assistant
    const name = clean(assistant.name) || 'assistant'
    const suffix = `_${assistant_id.slice(-12)}`
    tools.set([name, `${name.slice(0, LONGEST - suffix.length)}${suffix}`].find((free) => !tools.has(free)) ?? assistant_id, assistant)
  }
  return tools
}
