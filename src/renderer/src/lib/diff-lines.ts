export interface DiffLine { readonly kind: 'same' | 'added' | 'removed', readonly text: string }

/** Cells of the table; beyond it two texts differ as a whole. */
const MOST_CELLS = 4_000_000

/** Lengths of the longest common subsequence of what is left from each pair of lines on. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j
      lengths[at] = a[i] === b[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  return lengths
}

const all = (kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind, text }))

function diffMiddle(a: readonly string[], b: readonly string[]): DiffLine[] {
  if ((a.length + 1) * (b.length + 1) > MOST_CELLS) return [...all('removed', a), ...all('added', b)]
  const [lengths, width, lines]: [Uint32Array, number, DiffLine[]] = [commonLengths(a, b), b.length + 1, []]
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i]! })
      i++
      j++
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push({ kind: 'removed', text: a[i++]! })
    else lines.push({ kind: 'added', text: b[j++]! })
  }
  return [...lines, ...all('removed', a.slice(i)), ...all('added', b.slice(j))]
}

/** Two texts line by line, what went before what came. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  return [...all('same', a.slice(0, head)), ...diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...all('same', a.slice(a.length - tail))]
}

export interface DiffHunk { readonly lines: readonly DiffLine[], readonly skipped: number }

/** What changed with some lines around it; `skipped` tells how many same lines are left out before. */
export function hunksOf(lines: readonly DiffLine[], around = 2): DiffHunk[] {
  const shown = lines.map((_, at) => lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same'))
  const hunks: { lines: DiffLine[], skipped: number }[] = []
  let skipped = 0
  for (const [at, line] of lines.entries()) {
    if (!shown[at]) {
      skipped++
      continue
    }
    if (skipped > 0 || hunks.length === 0) hunks.push({ lines: [], skipped })
    skipped = 0
    hunks.at(-1)!.lines.push(line)
  }
  return hunks
}

export const countChanges = (lines: readonly DiffLine[]): { added: number, removed: number } => ({
  added: lines.filter(({ kind }) => kind === 'added').length,
  removed: lines.filter(({ kind }) => kind === 'removed').length,
})
