import type { RpcCode } from '../contract/a2a.ts'

/** A refusal in the terms of JSON-RPC. */
export class A2aRefusal extends Error {
  override readonly name = 'A2aRefusal'
  readonly code: RpcCode
  constructor(code: RpcCode, message: string) {
    super(message)
    this.code = code
  }
}
