import { hash } from 'node:crypto'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import {
  CheckpointLine, EndLine, Header, PieceLine, RunLine, THREAD_FILE_FORMAT, THREAD_FILE_VERSION, ThreadLine, WritesLine, type ThreadFileLine,
} from '../contract/thread-file.ts'
import { checkPlain, checkStoredForm } from '../domain/check-stored-form.ts'
import { PlatformError } from '../errors.ts'
import { readLines } from './read-lines.ts'

export interface ThreadInFile {
  readonly thread: ThreadLine
  readonly runs: RunLine[]
  readonly checkpoints: CheckpointLine[]
  readonly writes: WritesLine[]
}

export interface Piece { readonly bytes: Uint8Array, readonly refs: readonly string[] }
export interface ThreadFile { readonly threads: readonly ThreadInFile[], readonly pieces: ReadonlyMap<string, Piece> }

/** A value with all its pieces in place may be this long and this deep: a few pieces can spell more than a memory holds. */
const LARGEST_VALUE = 256 * 1024 * 1024
const DEEPEST_VALUE = 1000

interface Weight { readonly size: number, readonly depth: number }

/** Made when the first file comes: most servers never read one. */
let validators: Readonly<Record<string, Validator>> | null = null
const compileAll = () => Object.fromEntries(Object.entries({ header: Header, thread: ThreadLine, run: RunLine, piece: PieceLine, checkpoint: CheckpointLine, writes: WritesLine, end: EndLine } satisfies Record<string, TSchema>).map(([type, schema]) => [type, Compile(schema) as unknown as Validator]))

/**
 * Reads a file of threads and checks all of it: forms, hashes, that every piece and parent is there, that nothing is doubled
 * or cut off. Throws `invalid_request` with the number of the line, or `payload_too_large`.
 */
export async function readThreadFile(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<ThreadFile> {
  const reader = createReader()
  for await (const { text, number } of readLines(bytes, limit)) {
    try {
      reader.take(text, number)
    } catch (error) {
      throw refusal(`Line ${number}: ${(error as Error).message}`, error)
    }
  }
  return reader.finish()
}

const refusal = (text: string, cause?: unknown) => new PlatformError('invalid_request', `${text.replace(/\.?$/, '.')} Nothing was imported.`, { cause })

function createReader() {
  const threads: ThreadInFile[] = []
  const pieces = new Map<string, Piece>()
  const weights = new Map<string, Weight>()
  const places = new Set<string>()
  let isEnded = false
  let lines = 0

  /** How large and deep a stored value is with its pieces, which must have come before it. */
  function weigh(json: string): Weight & { refs: readonly string[] } {
    const { refs, depth } = checkStoredForm(json)
    const weight = { size: json.length, depth, refs }
    for (const ref of refs) {
      const part = weights.get(ref) ?? fail(`piece ${ref} is needed here and did not come before`)
      weight.size += part.size
      weight.depth = Math.max(weight.depth, depth + part.depth)
    }
    if (weight.size > LARGEST_VALUE || weight.depth > DEEPEST_VALUE) fail(`the value is larger than ${LARGEST_VALUE} characters or deeper than ${DEEPEST_VALUE} levels with its pieces in place`)
    return weight
  }

  const once = (...key: string[]) => {
    const text = JSON.stringify(key)
    if (places.has(text)) fail(`this ${key[0]} is in the file twice`)
    places.add(text)
  }
  const current = () => threads.at(-1) ?? fail('it belongs to no thread: a thread comes first')

  const takers: { [T in ThreadFileLine['type']]: (line: Extract<ThreadFileLine, { type: T }>) => void } = {
    thread: (line) => {
      once('thread', line.thread_id.toLowerCase())
      if (line.status === 'busy') fail('a thread in a file is not busy')
      threads.push({ thread: line, runs: [], checkpoints: [], writes: [] })
    },
    run: (line) => {
      once('run', line.run_id.toLowerCase())
      current().runs.push(line)
    },
    piece: ({ hash: name, json }) => {
      once('piece', name)
      if (hash('sha256', json, 'buffer').subarray(0, 20).toString('base64url') !== name) fail(`piece ${name} does not hold what its name says`)
      const { refs, ...weight } = weigh(json)
      weights.set(name, weight)
      pieces.set(name, { bytes: Buffer.from(json), refs })
    },
    checkpoint: (line) => {
      const { thread, checkpoints } = current()
      once('checkpoint', thread.thread_id, line.checkpoint_ns, line.checkpoint_id)
      for (const json of [...Object.values(line.channels), ...Object.values(line.overrides ?? {})]) weigh(json)
      checkpoints.push(line)
    },
    writes: (line) => {
      const { thread, writes } = current()
      for (const { task_id, idx, value } of line.writes) {
        once('write', thread.thread_id, line.checkpoint_ns, line.checkpoint_id, task_id, String(idx))
        weigh(value)
      }
      writes.push(line)
    },
    end: (line) => {
      isEnded = true
      if (line.threads !== threads.length || line.lines !== lines) fail(`the file has ${threads.length} threads in ${lines} lines, and should have ${line.threads} in ${line.lines}`)
    },
  }

  return {
    take: (text: string, number: number) => {
      const value = parse(number === 1 ? text.replace(/^\uFEFF/, '') : text)
      if (isEnded) fail('the file should have ended before')
      lines++
      if (number === 1) return requireHeader(value)
      const type = (value as { type?: unknown }).type
      if (typeof type !== 'string' || !Object.hasOwn(takers, type)) fail(`${JSON.stringify(type)?.slice(0, 50)} is no type of line`)
      validate(type as string, value)
      takers[type as 'thread'](value as ThreadLine)
    },
    finish: (): ThreadFile => {
      if (!isEnded) throw refusal(`The file ends after line ${lines} and was cut off: its last line is missing. Export it again`)
      for (const thread of threads) requireWhole(thread, places)
      return { threads, pieces }
    },
  }
}

const fail = (text: string): never => { throw new Error(text) }

function parse(text: string): unknown {
  const value = JSON.parse(text) as unknown
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('it is no JSON object')
  checkPlain(value)
  return value
}

function validate(type: string, value: unknown): void {
  validators ??= compileAll()
  const validator = validators[type]!
  if (validator.Check(value)) return
  const [error] = validator.Errors(value)
  fail(`${type}${error?.instancePath ?? ''} ${error?.message ?? 'is not as it must be'}`)
}

function requireHeader(value: unknown): void {
  const { format, version } = value as Record<string, unknown>
  if (format !== THREAD_FILE_FORMAT) fail(`this is no file of threads: it must begin with {"format":"${THREAD_FILE_FORMAT}","version":${THREAD_FILE_VERSION}}`)
  if (version !== THREAD_FILE_VERSION) fail(`this Superstep reads version ${THREAD_FILE_VERSION} of the format, and the file has ${JSON.stringify(version)}: use the one that wrote it, or a newer one`)
  validate('header', value)
}

/** Parents and places can come after what names them, so they are looked for at the end. */
function requireWhole({ thread, checkpoints, writes }: ThreadInFile, places: ReadonlySet<string>): void {
  const isThere = (ns: string, id: string) => places.has(JSON.stringify(['checkpoint', thread.thread_id, ns, id]))
  for (const { checkpoint_ns: ns, checkpoint_id: id, parent_checkpoint_id: parent } of checkpoints) {
    if (parent !== null && !isThere(ns, parent)) throw refusal(`Checkpoint ${id} of thread ${thread.thread_id} follows ${parent}, which is not in the file`)
  }
  requireNoCircle(thread.thread_id, checkpoints)
  for (const { checkpoint_ns, checkpoint_id } of writes)
    if (!isThere(checkpoint_ns, checkpoint_id)) throw refusal(`Results after checkpoint ${checkpoint_id} of thread ${thread.thread_id} are in the file, and the checkpoint is not`)
}

/** Ids don't tell which checkpoint is older: they are made from a clock that may be set back. */
function requireNoCircle(threadId: string, checkpoints: readonly CheckpointLine[]): void {
  const keyOf = (ns: string, id: string) => JSON.stringify([ns, id])
  const parents = new Map(checkpoints.map((row) => [keyOf(row.checkpoint_ns, row.checkpoint_id), row.parent_checkpoint_id === null ? null : keyOf(row.checkpoint_ns, row.parent_checkpoint_id)]))
  const done = new Set<string>()
  for (const start of parents.keys()) {
    const way = new Set<string>()
    for (let at: string | null = start; at !== null && !done.has(at); at = parents.get(at) ?? null) {
      if (way.has(at)) throw refusal(`Checkpoint ${(JSON.parse(at) as string[])[1]} of thread ${threadId} comes before itself`)
      way.add(at)
    }
    for (const at of way) done.add(at)
  }
}
