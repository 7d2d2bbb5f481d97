import { createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { databaseIn } from '../create-server.ts'
import { PlatformError } from '../errors.ts'
import { exportThreads } from '../services/export-threads.ts'
import { importThreads } from '../services/import-threads.ts'
import { readThreadFile } from '../services/read-thread-file.ts'
import { lockDataDir } from '../storage/sqlite/lock-data-dir.ts'
import { createSqliteStorage, openStorageForReading } from '../storage/sqlite/sqlite-storage.ts'
import { databaseOf, dataDirOf, onData, type DataOptions } from './data-commands.ts'

interface ExportOptions extends DataOptions { all?: true, output: string }

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Threads out of a data directory and into another. */
export function addTransferCommands(program: Command): void {
  onData(program.command('export').argument('[threads...]', 'ids of threads', (id: string, ids: string[] = []) => [...ids, requireUuid(id)]), 'export --all -o threads.jsonl')
    .description('Write threads with their checkpoints and runs to a file. Works while a server runs.')
    .option('--all', 'all threads')
    .requiredOption('-o, --output <file>', 'the file to write')
    .action((ids: string[] | undefined, options: ExportOptions) => exportTo(ids ?? [], options))
  onData(program.command('import').argument('<file>', 'a file that "superstep export" or the Studio wrote'), 'import threads.jsonl')
    .description('Read threads from a file. All of it is checked before anything is stored; a thread whose id is taken gets a new one.')
    .action((file: string, options: DataOptions) => importFrom(resolve(file), options))
}

function requireUuid(id: string): string {
  if (!UUID.test(id)) throw new InvalidArgumentError('A thread id looks like 11111111-1111-4111-8111-111111111111.')
  return id
}

async function exportTo(ids: readonly string[], options: ExportOptions): Promise<void> {
  if ((ids.length > 0) === (options.all ?? false)) throw new PlatformError('invalid_request', 'Name the threads to export, or all of them with --all.')
  const target = resolve(options.output)
  if (existsSync(target)) throw new PlatformError('conflict', `${target} is there already. Choose another name, or remove it.`)
  const storage = openStorageForReading(databaseOf(options))
  const chosen = options.all ? storage.threads.search({}, { by: 'created_at', descending: false }, null).rows.map((row) => row.thread_id) : [...new Set(ids)]
  try {
    await pipeline(exportThreads(storage, chosen, new Date().toISOString()), createWriteStream(target, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    rmSync(target, { force: true })
    throw error instanceof PlatformError ? error : new PlatformError('storage_failed', `${target} could not be written: ${(error as Error).message}`, { cause: error })
  } finally {
    await storage.close()
  }
  console.log(`${target}: ${chosen.length} threads.`)
}

async function importFrom(file: string, options: DataOptions): Promise<void> {
  if (!existsSync(file)) throw new PlatformError('not_found', `There is no file ${file}.`)
  const folder = dataDirOf(options)
  // Before anything is made or locked.
  const threads = await readThreadFile(createReadStream(file), Number.MAX_SAFE_INTEGER)
  const lock = lockDataDir(folder)
  const storage = createSqliteStorage(databaseIn(folder), { tell: console.error })
  try {
    const imported = await importThreads(storage, threads)
    for (const { thread_id, from, checkpoints, runs } of imported) console.log(`${thread_id}  ${checkpoints} checkpoints, ${runs} runs${from === thread_id ? '' : `  (was ${from}, which is taken)`}`)
  } finally {
    await storage.close()
    lock.release()
  }
}
