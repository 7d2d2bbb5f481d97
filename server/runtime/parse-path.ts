import { resolve } from 'node:path'

/** `path:export` of a langgraph.json, `default` where no export is named. A drive letter is not an export. */
export function parsePath(path: string, projectDir: string): { file: string, exportName: string } {
  const colon = path.lastIndexOf(':')
  const hasExport = colon > 1
  return { file: resolve(projectDir, hasExport ? path.slice(0, colon) : path), exportName: hasExport ? path.slice(colon + 1) : 'default' }
}
