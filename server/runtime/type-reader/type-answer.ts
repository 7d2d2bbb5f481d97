import type { FileHashes } from '../file-hashes.ts'

/** Asks for the schemas of a graph, `path:export` as in langgraph.json. */
export interface TypeQuestion { readonly project_dir: string, readonly app_dir: string, readonly path: string }

/** JSON Schemas, null where the types do not tell. */
export interface TypeSchemas { readonly state: unknown, readonly input: unknown, readonly output: unknown, readonly context: unknown }

/** `files` is what the answer was made of: it holds as long as these are the same. */
export type TypeAnswer = { readonly files: FileHashes } & (
  | { readonly schemas: TypeSchemas, readonly problem: null }
  | { readonly schemas: null, readonly problem: string }
)
