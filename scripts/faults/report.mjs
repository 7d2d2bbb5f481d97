// What came out, for people and for docs.

export function describeViolation({ seed, round, only, what, ...details }) {
  const rest = JSON.stringify(details)
  return `VIOLATION  ${what}${rest === '{}' ? '' : `\n  ${rest.slice(0, 2000)}`}\n  replay: npm run faults -- --seed ${seed} --round ${round}${only ? ` --only ${only}` : ''} --keep --verbose`
}

export function asText({ seed, figures, violations }) {
  return rowsOf(seed, figures, violations).map(([name, value]) => `${name.padEnd(46)}${value}`).join('\n')
}

export function asMarkdown({ seed, figures, violations }) {
  return ['| | |', '|---|---|', ...rowsOf(seed, figures, violations).map(([name, value]) => `| ${name} | ${value} |`), ''].join('\n')
}

function rowsOf(seed, figures, violations) {
  const { kills, ends, okMs } = figures
  const sorted = [...okMs].sort((a, b) => a - b)
  const at = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
  return [
    ['seed', seed],
    ['rounds (data directories)', figures.rounds],
    ['kills', `${figures.killed()} (server ${kills.server}, worker ${kills.worker}, both ${kills.both})`],
    ['orderly stops, disks filled, writes refused', `${figures.stops}, ${figures.disksFilled}, ${figures.writesFailed}`],
    ['runs accepted', figures.accepted],
    ['their ends', Object.entries(ends).sort().map(([end, count]) => `${end} ${count}`).join(', ')],
    ['attempts of runs still there', figures.attempts],
    ['start to /ok, ms: p50, p99, worst', `${at(0.5)}, ${at(0.99)}, ${at(1)}`],
    ['time', `${figures.seconds()} s, ${(figures.killed() / figures.seconds()).toFixed(1)} kills per second`],
    ['violations', violations.length],
  ]
}
