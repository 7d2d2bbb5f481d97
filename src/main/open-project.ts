import { readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ProjectInfo } from '../preload/ipc-contract.ts'
import type { RecentProjects } from './recent-projects.ts'
import type { TrustedFolders } from './trusted-folders.ts'

/** The folder cannot be opened; the message is for the person who chose it. */
export class ProjectProblem extends Error {
  override readonly name = 'ProjectProblem'
}

export interface TrustQuestion {
  readonly message: string
  readonly detail: string
  readonly accept: string
  readonly decline: string
}

/** Reads the folder's langgraph.json (or the file itself, when that is what was named). Runs nothing of it. */
export function findProject(path: string): ProjectInfo {
  const configPath = path.endsWith('.json') ? path : join(path, 'langgraph.json')
  try {
    JSON.parse(readFileSync(configPath, 'utf8').replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new ProjectProblem(problemOf(configPath, error as NodeJS.ErrnoException), { cause: error })
  }
  const folder = realpathSync.native(dirname(configPath))
  return { name: basename(folder), folder, configPath: join(folder, basename(configPath)), isDemo: false }
}

function problemOf(configPath: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return `${dirname(configPath)} holds no ${basename(configPath)}. Open the folder that has it, or add one: {"graphs": {"agent": "./src/agent.ts:graph"}}`
  return `${configPath} can't be read: ${error.message}`
}

export const trustQuestion = ({ folder }: ProjectInfo): TrustQuestion => ({
  message: 'Do you trust the authors of this project?',
  detail: `${folder}\n\nSuperstep loads and runs the graphs of a project as programs, with your rights on this machine: they can read your files and use the network. Open it only if you know where it comes from.`,
  accept: 'Trust and Open',
  decline: 'Cancel',
})

export interface OpenProjectOptions {
  readonly trusted: TrustedFolders
  readonly recents: RecentProjects
  ask(question: TrustQuestion): Promise<boolean>
}

/** Decides whether a project may be opened. Null when the person does not trust it; nothing of it has run by then. */
export async function openProject(path: string, { trusted, recents, ask }: OpenProjectOptions): Promise<ProjectInfo | null> {
  const project = findProject(path)
  if (!trusted.isTrusted(project.folder)) {
    if (!await ask(trustQuestion(project))) return null
    trusted.trust(project.folder)
  }
  recents.add(project)
  return project
}

/** What the window shows at first: the last project, if nothing needs to be asked about it; otherwise the demo. */
export function projectAtStart({ trusted, recents }: Pick<OpenProjectOptions, 'trusted' | 'recents'>, demo: ProjectInfo): ProjectInfo {
  const last = recents.list().find(({ folder }) => trusted.isTrusted(folder))
  if (!last) return demo
  try {
    return findProject(last.folder)
  } catch {
    // Moved or half deleted since: no reason to greet anybody with an error.
    return demo
  }
}

/** The project named on the command line, by its folder, its langgraph.json or `--config`; null when none is. */
export function projectArgument(args: readonly string[]): string | null {
  const flag = args.findIndex((arg) => /^(-c|--config)(=|$)/.test(arg))
  if (flag < 0) return args.find((arg) => !arg.startsWith('-')) ?? null
  return args[flag]!.includes('=') ? args[flag]!.slice(args[flag]!.indexOf('=') + 1) : args[flag + 1] ?? null
}
