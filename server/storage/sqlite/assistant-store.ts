import type { Database } from 'better-sqlite3'
import { contains } from '../../domain/contains.ts'
import type { AssistantRow, AssistantStore, AssistantVersion, Page } from '../storage.ts'
import { fromJson, likeText, toJson } from './json.ts'
import type { WriteQueue } from './write-queue.ts'

type Raw = Omit<AssistantRow, 'config' | 'context' | 'metadata'> & { config: string, context: string, metadata: string }

const parse = (raw: Raw): AssistantRow => ({ ...raw, config: fromJson(raw.config), context: fromJson(raw.context), metadata: fromJson(raw.metadata) })
const flatten = (row: AssistantRow): Raw => ({ ...row, config: toJson(row.config), context: toJson(row.context), metadata: toJson(row.metadata) })

const COLUMNS = 'assistant_id, graph_id, version, name, description, config, context, metadata, created_at'
const VALUES = '@assistant_id, @graph_id, @version, @name, @description, @config, @context, @metadata, @created_at'
const SORTS: Readonly<Record<string, string>> = { assistant_id: 'assistant_id', created_at: 'created_at', updated_at: 'updated_at', name: 'name', graph_id: 'graph_id' }

export function createAssistantStore(db: Database, { write }: WriteQueue): AssistantStore {
  const byId = db.prepare<[string], Raw>('SELECT * FROM assistants WHERE assistant_id = ?')
  const insert = db.prepare(`INSERT INTO assistants (${COLUMNS}, updated_at) VALUES (${VALUES}, @updated_at) ON CONFLICT DO NOTHING`)
  const insertVersion = db.prepare(`INSERT INTO assistant_versions (${COLUMNS}) VALUES (${VALUES})`)
  const update = db.prepare(`UPDATE assistants SET graph_id = @graph_id, version = @version, name = @name, description = @description,
    config = @config, context = @context, metadata = @metadata, updated_at = @updated_at WHERE assistant_id = @assistant_id`)
  const highest = db.prepare<[string], { version: number }>('SELECT max(version) AS version FROM assistant_versions WHERE assistant_id = ?')
  const versions = db.prepare<[string], Raw>('SELECT * FROM assistant_versions WHERE assistant_id = ? ORDER BY version DESC')
  const version = db.prepare<[string, number], Raw>('SELECT * FROM assistant_versions WHERE assistant_id = ? AND version = ?')
  const remove = db.prepare('DELETE FROM assistants WHERE assistant_id = ?')

  return {
    insert: (assistant) => write(() => {
      const raw = flatten(assistant)
      if (insert.run(raw).changes === 0) return false
      insertVersion.run(raw)
      return true
    }),
    get: (id) => {
      const raw = byId.get(id)
      return raw ? parse(raw) : null
    },
    search: ({ metadata, graph_id, name }, sort, page) => {
      const rows = db.prepare<unknown[], Raw>(`SELECT * FROM assistants WHERE (@graph IS NULL OR graph_id = @graph) AND (@name IS NULL OR name LIKE @name ESCAPE '\\')
        ORDER BY ${SORTS[sort.by] ?? 'created_at'} ${sort.descending ? 'DESC' : 'ASC'}, assistant_id`)
        .all({ graph: graph_id ?? null, name: name ? likeText(name) : null }).map(parse)
        .filter((row) => !metadata || contains(row.metadata, metadata))
      return { total: rows.length, rows: slice(rows, page) }
    },
    addVersion: (id, change) => write(() => {
      const raw = byId.get(id)
      if (!raw) return null
      const next = { ...change(parse(raw)), assistant_id: id, version: highest.get(id)!.version + 1 }
      update.run(flatten(next))
      insertVersion.run(flatten({ ...next, created_at: next.updated_at }))
      return next
    }),
    versions: (id, metadata, page) => {
      const rows = versions.all(id).map((raw): AssistantVersion => parse(raw)).filter((row) => !metadata || contains(row.metadata, metadata))
      return { total: rows.length, rows: slice(rows, page) }
    },
    setLatest: (id, number, now) => write(() => {
      const old = version.get(id, number)
      const current = byId.get(id)
      if (!old || !current) return null
      const row = { ...old, created_at: current.created_at, updated_at: now }
      update.run(row)
      return parse(row)
    }),
    delete: (id) => write(() => remove.run(id).changes > 0),
  }
}

const slice = <T>(rows: T[], page: Page | null): T[] => page ? rows.slice(page.offset, page.offset + page.limit) : rows
