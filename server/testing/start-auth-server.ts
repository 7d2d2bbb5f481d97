import type { ServerOptions } from '../create-server.ts'
import { createProjectDoor } from './project-door.ts'
import { startProjectServer, type ProjectServer } from './start-project-server.ts'

const GRAPHS = { whoami: 'auth', slow: 'graph', approval: 'graph' }

/** The composed server with real workers, whose users `project/auth.ts` knows: who one is stands in the header `authorization`. */
export const startAuthServer = (change: Partial<ServerOptions> = {}): Promise<ProjectServer> =>
  startProjectServer({ door: createProjectDoor({ auth: './auth.ts:auth' }), ...change }, { graphs: Object.fromEntries(Object.entries(GRAPHS).map(([id, file]) => [id, { path: `./${file}.ts:${id}`, description: null }])) })
