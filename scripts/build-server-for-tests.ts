import { build } from 'vite'

/** Some tests start the compiled command line as a person would: it must be today's. */
export default async function setup(): Promise<void> {
  await build({ configFile: 'vite.server.config.ts', logLevel: 'warn' })
}
