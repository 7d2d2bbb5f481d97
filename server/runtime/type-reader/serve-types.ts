import { constants, setPriority } from 'node:os'
import type { Duplex } from 'node:stream'
import { connect } from '../connection.ts'
import { parsePath } from '../parse-path.ts'
import type { TypeAnswer, TypeQuestion } from './type-answer.ts'
import { findGraphTypes } from './graph-types.ts'
import { loadTypeScript } from './load-typescript.ts'
import { createProgramOpener, type OpenProgram } from './open-program.ts'
import { typeToSchema } from './type-to-schema.ts'
import type { TypeScript } from './load-typescript.ts'

/** Serves `types.read` in a process that reads TypeScript and runs none of it. Whatever else there is to do comes first. */
export function serveTypes(stream: Duplex, exit: () => void): void {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  let compiler: { ts: typeof TypeScript, open: OpenProgram } | null = null
  const connection = connect(stream, {
    requests: {
      'types.read': (question: TypeQuestion) => {
        const ts = compiler?.ts ?? loadTypeScript(question.project_dir, question.app_dir)
        compiler ??= { ts, open: createProgramOpener(ts, { projectDir: question.project_dir, appDir: question.app_dir }) }
        return readTypes(question, compiler)
      },
    },
  })
  void connection.closed.then(exit)
}

function readTypes({ project_dir: projectDir, path }: TypeQuestion, { ts, open }: { ts: typeof TypeScript, open: OpenProgram }): TypeAnswer {
  const { file, exportName } = parsePath(path, projectDir)
  const { program, files } = open(file)
  const types = findGraphTypes(ts, { program, file, exportName })
  if (!types) return { files, schemas: null, problem: `The type of export '${exportName}' of ${file} is not a graph's.` }
  const schema = (type: TypeScript.Type | null) => type && typeToSchema(ts, program.getTypeChecker(), type)
  return { files, schemas: { state: schema(types.state), input: schema(types.input), output: schema(types.output), context: schema(types.context) }, problem: null }
}
