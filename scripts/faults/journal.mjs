// What the graphs wrote down while they ran: evidence of every execution, outside the database.
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'

export function createJournal(file) {
  writeFileSync(file, '')
  return {
    file,
    size: () => statSync(file).size,
    beginLife: (life) => appendFileSync(file, `${JSON.stringify({ life })}\n`),
    /** Executions in the order they happened, each with the life it was in and its place in the file. */
    executions: () => {
      let life = 0
      let at = 0
      const found = []
      for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
        const entry = JSON.parse(line)
        if (entry.life === undefined) found.push({ ...entry, life, at })
        else life = entry.life
        at += Buffer.byteLength(line) + 1
      }
      return found
    },
  }
}

/** Steps executed again though they were committed, runs executed after their end, and threads with two runs at a time. */
export function checkJournal(journal, ledger, { wasStopped }) {
  const executions = journal.executions()
  for (const [token, own] of groupBy(executions, ({ token }) => token)) {
    const run = ledger.runs.get(token)
    if (run && !isQuestion(run)) checkRun(run, own, ledger, wasStopped)
  }
  if (wasStopped) return
  for (const [thread, own] of groupBy(executions, (entry) => entry.thread)) {
    const spans = spansOf(own)
    const again = spans.find((span, i) => spans.slice(0, i).some((earlier) => earlier.token === span.token && earlier.pid === span.pid))
    if (again) ledger.violate(`Thread ${thread} had two live runs: ${spans.map(({ token, pid }) => `${token}@${pid}`).join(', ')}`)
  }
}

/** The node that asks is executed again, rightly, by the run that brings the answer. */
const isQuestion = (run) => run.graph === 'ask' && !run.isResume

function checkRun(run, executions, ledger, wasStopped) {
  const steps = executions.map(({ step }) => step)
  // With `sync` a step begins only after the one before it is on disk.
  const again = steps.findIndex((step, i) => steps.slice(0, i).some((earlier) => earlier > step))
  if (run.durability === 'sync' && again >= 0) ledger.violate(`Run ${run.token} with durability sync executed a committed step again: ${steps.join(' ')}`)
  const { endedInLife, neverAfter } = run
  if (endedInLife !== undefined && executions.some(({ life }) => life > endedInLife))
    ledger.violate(`Run ${run.token} was executed in a life after the one that told of its end`, { endedInLife })
  if (neverAfter !== null && !wasStopped && executions.some(({ at }) => at >= neverAfter)) ledger.violate(`Run ${run.token} was executed after its cancellation was answered`)
}

/** Consecutive executions by the same process for the same run. */
function spansOf(executions) {
  return executions.filter(({ token, pid }, i) => executions[i - 1]?.token !== token || executions[i - 1]?.pid !== pid)
}

export function groupBy(list, keyOf) {
  const groups = new Map()
  for (const entry of list) groups.set(keyOf(entry), [...groups.get(keyOf(entry)) ?? [], entry])
  return groups
}
