import type { Database } from 'better-sqlite3'
import { contains } from '../../domain/contains.ts'
import { labelHash, labelsOf } from '../../domain/metadata-labels.ts'
import { fromJson } from './json.ts'

/**
 * Kept by triggers of this connection, so that whoever writes a thread, and whatever takes a write back, the index
 * follows in the same transaction. Threads of stateless runs stay outside. Most writes change neither metadata nor title and cost two comparisons.
 */
const TRIGGERS = `
  CREATE TEMP TRIGGER IF NOT EXISTS label_new_thread AFTER INSERT ON main.threads WHEN new.temporary = 0 AND new.metadata <> '{}' BEGIN
    INSERT INTO thread_labels SELECT value, new.rowid FROM json_each(label_hashes(new.metadata));
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS label_thread AFTER UPDATE OF metadata ON main.threads WHEN new.temporary = 0 AND old.metadata <> new.metadata BEGIN
    DELETE FROM thread_labels WHERE thread = old.rowid AND label IN (SELECT value FROM json_each(label_hashes(old.metadata)));
    INSERT INTO thread_labels SELECT value, new.rowid FROM json_each(label_hashes(new.metadata));
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS index_new_title AFTER INSERT ON main.threads WHEN new.temporary = 0 AND new.title IS NOT NULL BEGIN
    INSERT INTO thread_titles (rowid, title) VALUES (new.rowid, new.title);
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS index_title AFTER UPDATE OF title ON main.threads WHEN new.temporary = 0 AND old.title IS NULL AND new.title IS NOT NULL BEGIN
    INSERT INTO thread_titles (rowid, title) VALUES (new.rowid, new.title);
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS change_title AFTER UPDATE OF title ON main.threads WHEN new.temporary = 0 AND old.title <> new.title BEGIN
    UPDATE thread_titles SET title = new.title WHERE rowid = new.rowid;
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS forget_title AFTER UPDATE OF title ON main.threads WHEN new.temporary = 0 AND old.title IS NOT NULL AND new.title IS NULL BEGIN
    DELETE FROM thread_titles WHERE rowid = old.rowid;
  END;
  CREATE TEMP TRIGGER IF NOT EXISTS forget_thread AFTER DELETE ON main.threads WHEN old.temporary = 0 BEGIN
    DELETE FROM thread_labels WHERE thread = old.rowid AND label IN (SELECT value FROM json_each(label_hashes(old.metadata)));
    DELETE FROM thread_titles WHERE rowid = old.rowid;
  END`

// In the order of the key, so that pages are filled one after the other.
const REBUILD = `
  DELETE FROM thread_labels;
  DELETE FROM thread_titles;
  DELETE FROM thread_index;
  INSERT INTO thread_labels SELECT label.value, thread.rowid FROM threads thread, json_each(label_hashes(thread.metadata)) label WHERE thread.temporary = 0 ORDER BY 1, 2;
  INSERT INTO thread_titles (rowid, title) SELECT rowid, title FROM threads WHERE temporary = 0 AND title IS NOT NULL ORDER BY rowid`

/** Call once for each connection that writes threads, before it does. */
export function keepThreadIndex(db: Database): void {
  db.function('label_hashes', { deterministic: true }, hashesOf)
  db.function('metadata_contains', { deterministic: true }, createContains())
  if (isStale(db)) rebuildThreadIndex(db)
  db.exec(TRIGGERS)
}

/** Makes the index from the threads: after a migration, and after anything that may have numbered the rows anew (VACUUM, a repair). */
export function rebuildThreadIndex(db: Database): void {
  db.transaction(() => {
    db.exec(REBUILD)
    db.prepare('INSERT INTO thread_index VALUES (?)').run(schemaOf(db))
  })()
}

/** SQLite counts changes of the schema in the file, and VACUUM as one of them. */
const schemaOf = (db: Database) => db.pragma('schema_version', { simple: true }) as number
const isStale = (db: Database) => db.prepare<[], number>('SELECT schema FROM thread_index').pluck().get() !== schemaOf(db)

const hashesOf = (metadata: string) => `[${labelsOf(fromJson(metadata)).map(labelHash).join(',')}]`

/** `contains` for SQL; a search asks for one filter many times. */
function createContains() {
  let last: { text: string, filter: unknown } | null = null
  return (metadata: string, text: string): number => {
    if (last?.text !== text) last = { text, filter: fromJson(text) }
    return contains(fromJson(metadata), last.filter) ? 1 : 0
  }
}
