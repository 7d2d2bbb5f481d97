import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProjectServer, type ProjectServer } from '../start-project-server.ts'
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.ts'
import { listChecks, startChecks, type PythonChecks } from './python-checks.ts'
import { preparePython } from './python-environment.ts'
import { proofsOf } from './proofs.ts'

const CLIENTS = { async: ['the Python SDK', 'python'], sync: ['the Python SDK without async', 'python-sync'], 'remote-graph': ['RemoteGraph in Python', 'python-remote'] } as const

const environment = preparePython()

if ('missing' in environment) {
  test.skip(`the Python clients are not tried: ${environment.missing}`)
} else {
  const { python } = environment
  const checks = listChecks(python)
  let server: ProjectServer
  let proxy: CuttingProxy
  let running: PythonChecks
  beforeAll(async () => {
    server = await startProjectServer()
    proxy = await startCuttingProxy(server.url)
    running = startChecks(python, server.url, proxy.url)
  })
  afterAll(async () => {
    await running.stop()
    proxy.stop()
    await server.stop(0)
  })

  for (const [kind, [title, client]] of Object.entries(CLIENTS)) {
    describe(title, () => {
      const proofs = proofsOf(client, () => server)
      test.each(checks.filter((check) => check.client === kind))('$name', async (check) => {
        const failure = await running.make(check)
        if (failure) expect.fail(failure)
      })
      proofs.areAsTold()
    })
  }

  test('a connection was really cut under each client', () => expect(proxy.cuts()).toBe(2))
}
