import { launchServer } from '../launch-server.ts'

// A shell to kill: starts the server named by its arguments and passes on what that prints.
const [hostEntry, serverEntry] = process.argv.slice(2) as [string, string]
launchServer({ execPath: process.execPath, hostEntry, serverEntry, env: process.env }, { args: [], token: 't' }).onOutput((line) => console.log(line))
