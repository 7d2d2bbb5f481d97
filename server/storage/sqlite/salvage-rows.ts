import type { Database as Connection } from 'better-sqlite3'

export interface Salvaged { readonly table: string, readonly rows: number, readonly unreadable: boolean }

interface Table { readonly name: string, readonly columns: readonly string[], readonly keys: readonly string[], readonly hasRowid: boolean }
type Key = string | number
interface Range { readonly from: Key | null, readonly to: Key | null }

/** How often what lies between two readable ends is halved in search of more. */
const HALVINGS = 8

/** Made from the threads again (`thread-index.ts`), and so are the tables of its virtual one, which have another type; and from items, by who serves them. */
const DERIVED = new Set(['thread_labels', 'thread_index', 'item_vectors'])

/**
 * Copies every row that can be read from a damaged database into a whole, empty one of the same schema. A table is read
 * from both ends up to where a page is damaged; what lies between is halved again and again, so that one lost page costs
 * its own rows.
 */
export function salvageRows(from: Connection, to: Connection): Salvaged[] {
  return tablesOf(to).map((table) => salvageTable(from, to, table))
}

function tablesOf(db: Connection): Table[] {
  const names = db.prepare<[], { name: string, wr: number }>(`SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`).all()
  return names.filter(({ name }) => !DERIVED.has(name)).map(({ name, wr }) => {
    const columns = db.prepare<[string], { name: string, pk: number }>('SELECT name, pk FROM pragma_table_info(?)').all(name)
    const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk).map((column) => column.name)
    return { name, columns: columns.map((column) => column.name), keys: wr ? keys : ['rowid'], hasRowid: !wr }
  })
}

function salvageTable(from: Connection, to: Connection, table: Table): Salvaged {
  const before = countOf(to, table)
  const insert = to.prepare(`INSERT OR IGNORE INTO ${table.name} (${table.columns.join(', ')}) VALUES (${table.columns.map(() => '?').join(', ')})`)
  let unreadable = false

  /** Copies rows of a range in one direction until the first that can't be read; tells the last good key, and whether all were. */
  function copy(range: Range, direction: 'ASC' | 'DESC'): { last: Key | null, done: boolean } {
    let last: Key | null = null
    try {
      for (const [key, ...values] of rowsOf(from, table, range, direction)) {
        last = key
        keep(values)
      }
      return { last, done: true }
    } catch {
      unreadable = true
      return { last, done: false }
    }
  }

  function keep(values: unknown[]): void {
    try {
      insert.run(values)
    } catch {
      // What a damaged page gives may be no value of its column.
      unreadable = true
    }
  }

  function salvage(range: Range, halvings: number): void {
    const up = copy(range, 'ASC')
    if (up.done) return
    const down = copy(range, 'DESC')
    const low = up.last ?? range.from
    const high = down.last ?? range.to
    const middle = halvings > 0 ? between(low, high, table.hasRowid) : null
    if (middle === null) return
    salvage({ from: low, to: middle }, halvings - 1)
    salvage({ from: middle, to: high }, halvings - 1)
  }

  to.transaction(() => salvage({ from: null, to: null }, HALVINGS))()
  return { table: table.name, rows: countOf(to, table) - before, unreadable }
}

function rowsOf(db: Connection, { name, columns, keys }: Table, { from, to }: Range, direction: 'ASC' | 'DESC'): Iterable<[Key, ...unknown[]]> {
  const bounds = [...(from === null ? [] : [`${keys[0]} >= @from`]), ...(to === null ? [] : [`${keys[0]} < @to`])]
  return db.prepare(`SELECT ${keys[0]}, ${columns.join(', ')} FROM ${name} ${bounds.length ? `WHERE ${bounds.join(' AND ')}` : ''}
    ORDER BY ${keys.map((key) => `${key} ${direction}`).join(', ')}`).raw().iterate({ from, to }) as Iterable<[Key, ...unknown[]]>
}

const countOf = (db: Connection, { name }: Table) => db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get()!

/** A key that lies strictly between two, or null; texts are taken as fractions of their first characters. */
function between(low: Key | null, high: Key | null, isNumber: boolean): Key | null {
  if (isNumber) {
    const a = Number(low ?? 0)
    // Where the end can't be read either, further is tried step by doubled step.
    const b = high === null ? a * 4 + 1000 : Number(high)
    return b - a > 1 ? Math.floor(a + (b - a) / 2) : null
  }
  const [a, b] = [fractionOf(String(low ?? '')), high === null ? 1 : fractionOf(String(high))]
  const middle = textOf((a + b) / 2)
  return middle > String(low ?? '') && (high === null || middle < String(high)) ? middle : null
}

const LETTERS = 7
const fractionOf = (text: string): number => Array.from({ length: LETTERS }, (_, i) => Math.min(text.charCodeAt(i) || 0, 127) / 128 ** (i + 1)).reduce((sum, part) => sum + part, 0)

function textOf(fraction: number): string {
  let [text, rest] = ['', fraction]
  for (let i = 0; i < LETTERS; i++) {
    const code = Math.floor(rest * 128)
    text += String.fromCharCode(Math.max(code, 1))
    rest = rest * 128 - code
  }
  return text
}
