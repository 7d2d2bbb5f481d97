/** The header by which the project's code says on whose behalf it asks. It counts on the private socket only. */
export const CALLER = 'x-superstep-caller'
/** Beside the caller in what the server hands to the project's app: the user, as JSON in URI encoding. */
export const USER = 'x-superstep-user'

/**
 * For requests over the private socket, each on a connection of its own: the asking end closes it. Should the answering end do so, Node's last,
 * empty write to a socket of that kind fails (EPIPE) before the answer is read.
 */
export const ASKER_CLOSES = { connection: 'keep-alive' } as const

export const CALLERS = [
  /** A node of a run asks; the id is the run's. */
  'run',
  /** The app asks while it answers a request; the id is the request's token. */
  'request',
  /** A request that the app has had and lets through; likewise. */
  'next',
  /** The server itself sends a webhook; the id is the delivery's. */
  'webhook',
] as const
export interface Caller { readonly kind: typeof CALLERS[number], readonly id: string }

export const writeCaller = ({ kind, id }: Caller): string => `${kind} ${id}`

/** Null where nobody is named. */
export function readCaller(text: string | undefined): Caller | null {
  const [name, id] = text?.split(' ') ?? []
  const kind = CALLERS.find((known) => known === name)
  return kind && id ? { kind, id } : null
}
