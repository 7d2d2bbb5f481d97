import type { Assistant } from '../contract/assistant.ts'
import { toolNames } from '../domain/tool-names.ts'
import { PlatformError } from '../errors.ts'
import type { AssistantService } from './assistant-service.ts'
import type { GraphService } from './graph-service.ts'
import type { RunService } from './run-service.ts'

/** An assistant as a tool (wire reference §1.7): what it takes is its graph's input. */
export interface Tool { readonly name: string, readonly description: string, readonly inputSchema: ToolSchema }
export interface ToolSchema { readonly type: 'object', readonly [key: string]: unknown }
export interface ToolResult { readonly text: string, readonly isError: boolean }

export interface ToolService {
  list(): Promise<Tool[]>
  /** Runs the assistant without a thread of its own. Null when there is no such tool; what the run failed with is its result. Ends the run when the signal aborts. */
  call(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolResult | null>
}

interface Parts { readonly assistants: AssistantService, readonly graphs: GraphService, readonly runs: RunService }

/** Oldest first, so that a name stays with the assistant that had it first. */
const PAGE = 1000

export function createToolService({ assistants, graphs, runs }: Parts): ToolService {
  function all(): Assistant[] {
    const found: Assistant[] = []
    for (;;) {
      const { items, total } = assistants.search({ limit: PAGE, offset: found.length, sort_by: 'created_at', sort_order: 'asc' })
      found.push(...items as Assistant[])
      if (items.length === 0 || found.length >= total) return found
    }
  }

  /** A graph that can't say what it takes, or can't be loaded, is a tool all the same: calling it tells why. */
  async function schemasOf({ assistant_id }: Assistant): Promise<{ input: unknown, context: unknown }> {
    try {
      const { input_schema: input, context_schema: context } = await graphs.schemas(assistant_id)
      return { input, context }
    } catch (error) {
      if (error instanceof PlatformError) return { input: null, context: null }
      throw error
    }
  }

  async function describe(name: string, assistant: Assistant): Promise<Tool> {
    const { input, context } = await schemasOf(assistant)
    return { name, description: assistant.description ?? `Runs the assistant "${assistant.name}".`, inputSchema: withContext(objectSchema(input), context) }
  }

  async function run({ assistant_id }: Assistant, { context, ...rest }: Record<string, unknown>, takesContext: boolean, signal: AbortSignal): Promise<unknown> {
    const input = takesContext || context === undefined ? rest : { ...rest, context }
    const created = await runs.create(null, { assistant_id, input, stream_mode: ['values'], ...(takesContext && isObject(context) ? { context } : {}) }, { headers: {} })
    const cancel = () => void runs.cancel(created.thread_id, created.run_id, 'interrupt', false).catch(() => {})
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await runs.output(created, signal)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  return {
    list: () => Promise.all(Array.from(toolNames(all()), ([name, assistant]) => describe(name, assistant))),
    call: async (name, args, signal) => {
      const assistant = toolNames(all()).get(name)
      if (!assistant) return null
      try {
        const { input, context } = await schemasOf(assistant)
        const output = await run(assistant, args, addsContext(objectSchema(input), context), signal)
        const failure = isObject(output) && isObject(output['__error__']) ? output['__error__'] : null
        return failure ? { text: `${String(failure['error'])}: ${String(failure['message'])}`, isError: true } : { text: JSON.stringify(output ?? null), isError: false }
      } catch (error) {
        if (error instanceof PlatformError && error.code !== 'internal') return { text: error.message, isError: true }
        throw error
      }
    },
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Arguments are an object, whatever the graph says of its input. */
const objectSchema = (schema: unknown): ToolSchema => isObject(schema) && schema['type'] === 'object' ? { ...schema, type: 'object' } : { type: 'object' }

/** The run's context is an argument beside the input's, where the graph has one and the input has no key of that name. */
const addsContext = ({ properties }: ToolSchema, context: unknown) => isObject(context) && !(isObject(properties) && 'context' in properties)

/** What the context's schema refers to stays at the root, where it is looked for. */
function withContext(input: ToolSchema, context: unknown): ToolSchema {
  if (!addsContext(input, context) || !isObject(context)) return input
  const { $schema: _, definitions, $defs, ...own } = context
  const shared = Object.entries({ definitions, $defs }).filter(([, value]) => isObject(value))
  const hoisted = Object.fromEntries(shared.map(([name, value]) => [name, { ...value as object, ...input[name] as object | undefined }]))
  return { ...input, ...hoisted, properties: { ...input['properties'] as object | undefined, context: own } }
}
