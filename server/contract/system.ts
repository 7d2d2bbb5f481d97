import { Type, type Static } from 'typebox'
import { Literals } from './common.ts'

/** `GET /metrics` (§1.1). */
export const MetricsQuery = Type.Object({ format: Type.Optional(Literals(['prometheus', 'json'])) })

/** `GET /metrics?format=json`. */
export const ServerFigures = Type.Object({
  /** Pending runs are those that wait, delayed ones among them. */
  queue: Type.Object({ num_pending: Type.Integer(), num_running: Type.Integer() }),
  /** Runs that the workers can have, have, and could take; and in how many processes. */
  workers: Type.Object({ max: Type.Integer(), active: Type.Integer(), available: Type.Integer(), processes: Type.Integer() }),
  /** By status, since the server started. */
  runs_ended: Type.Record(Type.String(), Type.Integer()),
  /** Since the last reading; zeros at the first. */
  event_loop_delay_seconds: Type.Object({ mean: Type.Number(), p99: Type.Number(), max: Type.Number() }),
  store_bytes: Type.Integer(),
})
export type ServerFigures = Static<typeof ServerFigures>
