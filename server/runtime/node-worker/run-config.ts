import type { CheckpointRef, RunJob } from '../../engine/graph-worker.ts'
import type { CheckpointClient } from './checkpoint-client.ts'
import type { TraceHandler } from './trace-run.ts'
import type { UserLangGraph } from './user-langgraph.ts'

interface ConfigParts { readonly signal: AbortSignal, readonly streamMode: readonly string[], readonly langgraph: Pick<UserLangGraph, 'version' | 'LangChainTracer'>, readonly trace?: TraceHandler | null }

/** The options of one `graph.stream` call. Absent stays absent: LangGraph tells a missing key from an undefined one. */
export function runOptions(job: RunJob, { signal, streamMode, langgraph, trace = null }: ConfigParts): Record<string, unknown> {
  const { tags, recursion_limit: recursionLimit, metadata } = job.config
  const callbacks = [tracerOf(job, langgraph), trace].filter((handler) => handler !== null)
  return {
    configurable: runConfigurable(job),
    metadata: { ...metadata, run_attempt: job.attempt, ...(langgraph.version ? { langgraph_version: langgraph.version } : {}) },
    runId: job.run_id,
    signal,
    streamMode,
    subgraphs: true,
    durability: job.durability,
    ...(tags ? { tags } : {}),
    ...(callbacks.length > 0 ? { callbacks } : {}),
    ...(recursionLimit === undefined ? {} : { recursionLimit }),
    ...(job.context ? { context: job.context } : {}),
    ...(job.interrupt_before ? { interruptBefore: job.interrupt_before } : {}),
    ...(job.interrupt_after ? { interruptAfter: job.interrupt_after } : {}),
  }
}

/** What LangChain asks whether it is to tell LangSmith. */
const TRACING = ['LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING_V2', 'LANGSMITH_TRACING', 'LANGCHAIN_TRACING']

/** In place of the tracer that LangChain would make itself, where the run says what is special about its own; none where the project does not trace. */
function tracerOf({ langsmith_tracer }: RunJob, { LangChainTracer }: Pick<UserLangGraph, 'LangChainTracer'>): object | null {
  const { project_name: projectName, example_id: exampleId } = langsmith_tracer ?? {}
  if (!LangChainTracer || !(projectName || exampleId) || !TRACING.some((name) => process.env[name] === 'true')) return null
  return new LangChainTracer({ ...(projectName ? { projectName } : {}), ...(exampleId ? { exampleId } : {}) })
}

function runConfigurable(job: RunJob): Record<string, unknown> {
  const { run_id, thread_id, graph_id, assistant_id } = job
  return { ...withoutPlace(job.config.configurable), run_id, thread_id, graph_id, assistant_id, ...checkpointConfigurable(job.checkpoint) }
}

/** Where to start from. A key is there only when it has a value: LangGraph asks whether it is *in* the config. */
export function checkpointConfigurable(checkpoint: CheckpointRef | null): Record<string, unknown> {
  const { checkpoint_id, checkpoint_ns, checkpoint_map } = checkpoint ?? {}
  return {
    ...(checkpoint_id ? { checkpoint_id } : {}),
    ...(checkpoint_ns ? { checkpoint_ns } : {}),
    ...(checkpoint_map ? { checkpoint_map } : {}),
  }
}

/** Empty checkpoint keys are left out, for the same reason. */
export function withoutPlace(configurable: Record<string, unknown>): Record<string, unknown> {
  const isEmptyPlace = ([key, value]: [string, unknown]) => key.startsWith('checkpoint_') && (value === null || value === undefined || value === '')
  return Object.fromEntries(Object.entries(configurable).filter((entry) => !isEmptyPlace(entry)))
}

/** What the graph is given: the job's input, or its command as LangGraph's own. */
export async function runInput(job: RunJob, langgraph: UserLangGraph, checkpoints: CheckpointClient): Promise<unknown> {
  if (!job.command) return job.input ?? null
  const { resume } = job.command
  return commandFor({ ...job.command, ...(resume === undefined || resume === null ? {} : { resume: await resumeValue(resume, job, checkpoints) }) }, langgraph)
}

/** LangGraph's own command for one of the wire (§3.8). */
export function commandFor({ resume, update, goto }: NonNullable<RunJob['command']>, langgraph: UserLangGraph): unknown {
  return new langgraph.Command({
    ...(resume === undefined || resume === null ? {} : { resume }),
    ...(update === undefined || update === null ? {} : { update }),
    ...(goto === undefined || goto === null ? {} : { goto: [goto].flat().map((target) => destination(target, langgraph)) }),
  })
}

function destination(target: unknown, { Send }: UserLangGraph): unknown {
  if (typeof target !== 'object' || target === null) return String(target)
  const { node, input, args } = target as { node?: unknown, input?: unknown, args?: unknown }
  return new Send(String(node), input ?? args ?? null)
}

/** LangGraph takes a resume value that is false, 0 or '' for none; told by interrupt id (by task id, before it had those) it arrives. */
async function resumeValue(resume: unknown, job: RunJob, checkpoints: CheckpointClient): Promise<unknown> {
  if (resume) return resume
  const tuple = await checkpoints.get({ configurable: { thread_id: job.thread_id, ...checkpointConfigurable(job.checkpoint) } })
  const ids = (tuple?.pendingWrites ?? []).filter(([, channel]) => channel === '__interrupt__')
    .flatMap(([taskId, , value]) => [value].flat().map((interrupt) => (interrupt as { id?: string }).id ?? taskId))
  return ids.length === 1 ? { [ids[0]!]: resume } : resume
}
