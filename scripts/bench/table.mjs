const COLUMNS = [
  ['what', ({ name }) => name],
  ['goal', ({ goal }) => goal],
  ['Superstep', ({ ours }) => figure(ours)],
  ['reference', ({ reference }) => figure(reference)],
  ['unit', ({ unit }) => unit],
  ['ratio', ({ ratio }) => ratio === null ? '-' : `${figure(ratio)}×`],
  ['CPU ms/op', ({ cpu }) => figure(cpu)],
  ['ref. CPU', ({ referenceCpu }) => figure(referenceCpu)],
  ['met', ({ met }) => met === null ? '' : met ? 'yes' : 'NO'],
]

/** Three significant digits are more than the noise of a shared machine deserves. */
function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '-'
  if (typeof value === 'string') return value
  const size = Math.abs(value)
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: size >= 1 ? digits : 0 })
}

const cellsOf = (row) => COLUMNS.map(([, cell]) => cell(row))
const headers = COLUMNS.map(([title]) => title)

/** One table of all sections, columns as wide as they must be. */
export function textTable(sections) {
  const lines = sections.flatMap(({ title, rows }) => [{ title }, ...rows.map((row) => ({ cells: cellsOf(row) }))])
  const widths = headers.map((header, at) => Math.max(header.length, ...lines.filter(({ cells }) => cells).map(({ cells }) => cells[at].length)))
  const isNumber = (at) => at >= 2 && at !== 4
  const draw = (cells) => cells.map((cell, at) => isNumber(at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at])).join('  ').trimEnd()
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  return [draw(headers), rule, ...lines.map(({ title, cells }) => cells ? draw(cells) : `\n${title}`)].join('\n')
}

export function markdownTable(sections, facts, options) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const head = [line(headers), line(headers.map((_, at) => at >= 2 && at !== 4 ? '---:' : '---'))]
  const body = sections.flatMap(({ title, rows }) => [line([`**${title}**`, ...headers.slice(1).map(() => '')]), ...rows.map((row) => line(cellsOf(row)))])
  return [
    `Measured on ${facts.date} at commit ${facts.commit} by \`npm run bench${options ? ` -- ${options}` : ''}\`: ${facts.cpu}, ${facts.cores} cores, ${facts.memory}, ${facts.kernel}, Node ${facts.node}.`,
    '', ...head, ...body, '',
  ].join('\n')
}
