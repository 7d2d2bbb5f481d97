import type { AddressInfo } from 'node:net'
import type { TypedApp } from '../http/typed-app.ts'

const TRIES = 50

export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

/**
 * Listens on `port`. When it was not asked for by name a taken one moves on to the next free one; one that was asked for
 * fails. Returns the port in use.
 */
export async function listen(app: TypedApp, { host, port, isExplicit }: { host: string, port: number, isExplicit: boolean }): Promise<number> {
  for (let candidate = port; ; candidate++) {
    try {
      await app.listen({ host, port: candidate })
      return (app.server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (isExplicit || candidate - port >= TRIES)
        throw new PortTakenError(`Port ${candidate} on ${host} is in use. Choose another with --port, or leave it out to take the next free one.`, { cause: error })
    }
  }
}
