// `npm run bench`: measures the built server beside its references and prints one table.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { requireNode } from '../require-node.mjs'
import { startBareInvoke } from './bare-invoke.mjs'
import { startProber } from './start-prober.mjs'
import { machineFacts } from './machine.mjs'
import { endAllNow } from './processes.mjs'
import { installReference } from './reference.mjs'
import { noted } from './rows.mjs'
import { removeAllFolders, startReference, startSuperstep, temporaryFolder } from './servers.mjs'
import { markdownTable, textTable } from './table.mjs'

requireNode()
const MEASURES = ['first-event', 'wait', 'throughput', 'enqueue', 'events', 'threads', 'long-thread', 'growth', 'footprint', 'blocked']
const HELP = `npm run bench -- [options]

  --only <name>       one measurement, repeatable: ${MEASURES.join(', ')}
  --rounds <n>        interleaved rounds of each measurement (default 5)
  --quick             fewer operations and smaller data: to see that it works, not for figures
  --no-reference      without langgraphjs dev and SqliteSaver
  --soak <n>          runs after which growth of memory is measured (default 2000)
  --json <file>       writes the rows and the machine's facts as JSON
  --markdown <file>   writes the table and the machine's facts as Markdown
  --help              shows this`

const options = readOptions()
const say = (line) => console.error(`· ${line}`)
endOnSignals()
build()
const folder = options.reference ? installReference(say) : null
try {
  await benchmark()
} finally {
  endAllNow()
  removeAllFolders()
}

function readOptions() {
  try {
    const { values } = parseArgs({
      allowNegative: true,
      options: {
        only: { type: 'string', multiple: true, default: MEASURES }, rounds: { type: 'string', default: '5' }, quick: { type: 'boolean', default: false },
        reference: { type: 'boolean', default: true }, soak: { type: 'string', default: '2000' }, json: { type: 'string' }, markdown: { type: 'string' }, help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      process.exit(0)
    }
    const unknown = values.only.find((name) => !MEASURES.includes(name))
    if (unknown) throw new Error(`There is no measurement "${unknown}". There are: ${MEASURES.join(', ')}.`)
    return { ...values, rounds: wholeNumber('--rounds', values.rounds), soak: wholeNumber('--soak', values.soak) }
  } catch (error) {
    console.error(error.message)
    process.exit(2)
  }
}

function wholeNumber(name, text) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1.`)
  return value
}

function build() {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, '../build.mjs')], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

async function benchmark() {
  const facts = machineFacts()
  const sections = []
  for (const name of options.only) {
    const started = performance.now()
    say(name)
    const { title, measure } = await import(`./measures/${name}.mjs`)
    sections.push({ name, title, rows: await withServers(measure).catch((error) => failed(name, error)) })
    say(`${name} took ${Math.round((performance.now() - started) / 1000)} s`)
  }
  if (options.quick) say('--quick: these figures show that the bench works, no more')
  console.log(`\n${facts.cpu}, ${facts.cores} cores, ${facts.memory}, ${facts.kernel}, Node ${facts.node}\n\n${textTable(sections)}\n`)
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ facts, options: repeatable(), sections }, null, 2)}\n`)
  if (options.markdown) writeFileSync(options.markdown, markdownTable(sections, facts, repeatable()))
}

/** The options that decide the figures, for whoever wants to have them again; where they were written to does not. */
function repeatable() {
  const isAll = options.only.length === MEASURES.length
  return [
    ...isAll ? [] : options.only.map((name) => `--only ${name}`), ...options.rounds === 5 ? [] : [`--rounds ${options.rounds}`], ...options.quick ? ['--quick'] : [],
    ...options.reference ? [] : ['--no-reference'], ...options.soak === 2_000 ? [] : [`--soak ${options.soak}`],
  ].join(' ')
}

/** One measurement that fails costs its own rows, not hours of others. */
function failed(name, error) {
  process.exitCode = 1
  console.error(error)
  return [noted(name, '', 'failed')]
}

/** Hands a measurement what it may start, and ends that when it is done or has failed. */
async function withServers(measure) {
  const started = []
  const keep = (server) => {
    started.push(server)
    return server
  }
  try {
    return await measure({
      rounds: options.rounds, isQuick: options.quick, soak: options.soak, say, temporaryFolder,
      superstep: async (wanted) => keep(await startSuperstep(wanted)),
      reference: async () => folder === null ? null : keep(await startReference(folder)),
      hasReference: folder !== null,
      prober: async (server) => keep(startProber(server)).ask,
      bare: async () => keep(startBareInvoke(folder)),
    })
  } finally {
    for (const server of started.reverse()) await server.end()
  }
}

function endOnSignals() {
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.on(signal, () => {
      endAllNow()
      removeAllFolders()
      process.exit(code)
    })
  }
}
