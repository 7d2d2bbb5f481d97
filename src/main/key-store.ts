import type { KeyPlace, RemoteConnection } from '../preload/ipc-contract.ts'
import type { JsonFile } from './json-file.ts'

/** The part of Electron's `safeStorage` that is used here. */
export interface Encryption {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(encrypted: Buffer): string
}

export interface KeyStore {
  save(connection: RemoteConnection): KeyPlace
  load(url: string): string | null
  forget(url: string): void
}

/** API keys of deployments. On disk they are encrypted, or not there at all. */
export function createKeyStore(file: JsonFile, encryption: Encryption): KeyStore {
  const memory = new Map<string, string>()
  const onDisk = () => read(file.read())

  function forget(id: string): void {
    memory.delete(id)
    const { [id]: old, ...rest } = onDisk()
    if (old !== undefined) file.write(rest)
  }

  return {
    save({ url, apiKey }) {
      const id = deploymentOf(url)
      // An older key for this deployment must not come back at the next start.
      if (!encryption.isEncryptionAvailable()) {
        forget(id)
        memory.set(id, apiKey)
        return 'memory'
      }
      memory.delete(id)
      file.write({ ...onDisk(), [id]: encryption.encryptString(apiKey).toString('base64') })
      return 'encrypted'
    },
    load(url) {
      const id = deploymentOf(url)
      const kept = memory.get(id)
      if (kept !== undefined) return kept
      const encrypted = onDisk()[id]
      if (encrypted === undefined || !encryption.isEncryptionAvailable()) return null
      try {
        return encryption.decryptString(Buffer.from(encrypted, 'base64'))
      } catch {
        // Written by another user or before the key ring was reset: the person has to give the key again.
        return null
      }
    },
    forget: (url) => forget(deploymentOf(url)),
  }
}

/** A deployment is its address without query, trailing slash or credentials. */
function deploymentOf(address: string): string {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`"${address}" is not an http or https address.`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function read(stored: unknown): Record<string, string> {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return {}
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => typeof value === 'string'))
}
