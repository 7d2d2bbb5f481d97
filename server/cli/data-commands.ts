import { existsSync, renameSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { databaseIn } from '../create-server.ts'
import { PlatformError } from '../errors.ts'
import { checkDatabase } from '../storage/sqlite/check-database.ts'
import { copyDatabase } from '../storage/sqlite/copy-database.ts'
import { compact as rewrite } from '../storage/sqlite/give-back-space.ts'
import { lockDataDir } from '../storage/sqlite/lock-data-dir.ts'
import { openDatabase, openForReading } from '../storage/sqlite/open-database.ts'
import { moveDatabase, removeDatabase, repairDatabase, type Repair } from '../storage/sqlite/repair-database.ts'
import { readProject } from './read-project.ts'

export interface DataOptions { config: string, dataDir?: string }

/** Adds what every command on a data directory has: where it is, its help, an example. */
export function onData(command: Command, example: string): Command {
  return command
    .option('-c, --config <file>', 'the langgraph.json (or its folder) whose data is meant', 'langgraph.json')
    .option('--data-dir <folder>', 'where the data is (default: .superstep beside langgraph.json)')
    .helpOption('--help', 'show this help')
    .addHelpText('after', `\nExample:\n  $ superstep ${example}`)
}

/** The commands that look after the database: each says what it did, and ends with 1 when something is wrong. */
export function addDataCommands(program: Command): void {
  onData(program.command('check'), 'check --data-dir ../my-project/.superstep')
    .description('Read the whole database and name what is wrong with it; changes nothing. Works while a server runs.')
    .action((options: DataOptions) => check(databaseOf(options)))
  onData(program.command('repair'), 'repair -c ../my-project')
    .description('Save what can be read of a damaged database into a new one, check that, and put it in place. The damaged file is kept.')
    .action((options: DataOptions) => repair(dataDirOf(options)))
  onData(program.command('backup').argument('<file>', 'the file to write'), 'backup ~/backups/monday.db')
    .description('Copy the database into one file and check the copy. Works while a server runs.')
    .action((file: string, options: DataOptions) => backup(databaseOf(options), resolve(file)))
  onData(program.command('restore').argument('<file>', 'a file that "superstep backup" wrote'), 'restore ~/backups/monday.db')
    .description('Put a backup in the place of the database, which is kept beside it.')
    .action((file: string, options: DataOptions) => restore(dataDirOf(options), resolve(file)))
  onData(program.command('compact'), 'compact')
    .description('Give the space of what was deleted back to the disk. Needs as much free space as the database has.')
    .action((options: DataOptions) => compact(dataDirOf(options)))
}

export const dataDirOf = ({ dataDir, config }: DataOptions): string =>
  resolve(dataDir ?? join(readProject(config, process.env).folder, '.superstep'))

/** The database that is meant. Throws when there is none: a command that looks after data starts none. */
export function databaseOf(options: DataOptions): string {
  const file = databaseIn(dataDirOf(options))
  if (!existsSync(file)) throw new PlatformError('not_found', `There is no database ${file}. Name the right folder with --data-dir, or its project with --config.`)
  return file
}

/** Does something that nobody else may be there for. */
export function withLock<T>(folder: string, work: (file: string) => T): T {
  if (!existsSync(folder)) throw new PlatformError('not_found', `There is no data directory ${folder}. Name the right one with --data-dir, or its project with --config.`)
  const lock = lockDataDir(folder)
  try {
    return work(databaseIn(folder))
  } finally {
    lock.release()
  }
}

function check(file: string): void {
  const db = openForReading(file)
  const findings = checkDatabase(db)
  db.close()
  if (findings.length === 0) return console.log(`${file} is sound.`)
  for (const finding of findings) console.log(finding)
  throw new PlatformError('storage_failed', `${file} is not sound. Stop the server if one runs, then "superstep repair" saves what can be read.`)
}

function repair(folder: string): void {
  withLock(folder, (file) => {
    if (!existsSync(file)) throw new PlatformError('not_found', `There is no database ${file}.`)
    for (const line of linesOf(repairDatabase(file, new Date()))) console.log(line)
  })
}

function linesOf({ tables, mended, kept }: Repair): string[] {
  const torn = tables.filter((table) => table.unreadable)
  return [
    ...tables.map(({ table, rows, unreadable }) => `${String(rows).padStart(9)}  ${table}${unreadable ? '  (some could not be read)' : ''}`),
    ...(mended.checkpoints ? [`${mended.checkpoints} checkpoints were lost: parts of their values could not be read.`] : []),
    ...(mended.writes ? [`${mended.writes} results of tasks were lost with them.`] : []),
    ...(mended.relinked ? [`${mended.relinked} checkpoints now follow the nearest one before that is left.`] : []),
    ...(mended.threadsMade ? [`${mended.threadsMade} threads lost their title and metadata; they are named "Recovered".`] : []),
    torn.length === 0 && mended.checkpoints === 0 ? 'Nothing was lost.' : 'The rest is whole.',
    `The repaired database is in place. The file before it is ${kept}.`,
  ]
}

function backup(file: string, target: string): void {
  if (existsSync(target)) throw new PlatformError('conflict', `${target} is there already. Choose another name, or remove it.`)
  console.log(`${target}: ${copyDatabase(file, target)} bytes, checked.`)
}

function restore(folder: string, source: string): void {
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) throw new PlatformError('not_found', `There is no file ${source}.`)
  withLock(folder, (file) => {
    // A copy first: a file that turns out to be no good, or a full disk, leaves everything as it was.
    const fresh = `${file}.restored`
    copyDatabase(source, fresh)
    requireOurs(fresh, source)
    const kept = `${file}.replaced-${new Date().toISOString().replace(/\..*$/, '').replaceAll(':', '-')}`
    if (existsSync(file)) moveDatabase(file, kept)
    renameSync(fresh, file)
    console.log(`${file} is now as ${source}.${existsSync(kept) ? ` The file before it is ${kept}.` : ''}`)
  })
}

function requireOurs(fresh: string, source: string): void {
  try {
    openDatabase(fresh).close()
  } catch (error) {
    removeDatabase(fresh)
    throw new PlatformError('storage_failed', `${source} can't be restored, and nothing was changed: ${(error as Error).message}`, { cause: error })
  }
}

function compact(folder: string): void {
  withLock(folder, (file) => {
    if (!existsSync(file)) throw new PlatformError('not_found', `There is no database ${file}.`)
    const db = openDatabase(file)
    db.pragma('wal_checkpoint(TRUNCATE)')
    const before = statSync(file).size
    rewrite(db)
    db.close()
    console.log(`${file}: ${before} bytes before, ${statSync(file).size} now.`)
  })
}
