import { Command } from 'commander'
import { PlatformError } from '../errors.ts'
import { addDataCommands } from './data-commands.ts'
import { addDevCommand, type Installation } from './dev-command.ts'
import { PortTakenError } from './listen.ts'
import { ProjectError } from './project-error.ts'
import { addTransferCommands } from './transfer-commands.ts'

/** Runs the command line. Mistakes a person can mend are one message on stderr and exit code 1. */
export async function main(argv: string[], installation: Installation): Promise<void> {
  const program = new Command('superstep')
    .description('The open, local-first studio for LangGraph agents.')
    .showHelpAfterError()
  addDevCommand(program, installation)
  addDataCommands(program)
  addTransferCommands(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    const isPlain = error instanceof ProjectError || error instanceof PortTakenError || error instanceof PlatformError
    console.error(isPlain ? `superstep: ${error.message}` : error)
    process.exit(1)
  }
}
