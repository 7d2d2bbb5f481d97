// LangGraph alone, in a process of its own: what a run costs before any server has touched it.
import { join } from 'node:path'
import { end, start } from './processes.mjs'
import { projectFor } from './reference.mjs'
import { removeFolder, temporaryFolder } from './servers.mjs'

const OWN = join(import.meta.dirname, 'project')

/** `folder`: where the reference's packages are; without them there is no SqliteSaver. */
export function startBareInvoke(folder) {
  const scratch = temporaryFolder()
  const project = folder === null ? OWN : projectFor(folder, 'project-bare')
  const program = start(process.execPath, [join(project, 'bare.mjs'), scratch], { cwd: project, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let last = 0

  function ask(message) {
    const id = ++last
    return new Promise((resolve, reject) => {
      const listen = (answer) => {
        if (answer.id !== id) return
        program.child.off('message', listen)
        if (answer.error) reject(new Error(answer.error))
        else resolve(answer.result)
      }
      program.child.on('message', listen)
      program.exited.then(() => reject(new Error(`The bare invoke ended: ${program.output()}`)))
      program.child.send({ id, ...message })
    })
  }

  return {
    hasSqlite: folder !== null,
    run: (graph, saver, count) => ask({ work: 'invoke', graph, saver, count }),
    emit: (input) => ask({ work: 'emit', input }),
    converse: (turns, text) => ask({ work: 'converse', turns, text }),
    end: async () => {
      await end(program)
      removeFolder(scratch)
    },
  }
}
