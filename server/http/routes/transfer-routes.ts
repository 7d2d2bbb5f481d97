import { Readable } from 'node:stream'
import { BackupRequest } from '../../contract/studio.ts'
import { Maybe } from '../../contract/common.ts'
import { THREAD_FILE_TYPE } from '../../contract/thread-file.ts'
import type { TransferService } from '../../services/transfer-service.ts'
import { ThreadParams, type TypedApp } from '../typed-app.ts'

/** Copies of the state, whole or by thread. `bodyLimit` is in bytes. */
export function transferRoutes(app: TypedApp, { transfer, bodyLimit }: { transfer: TransferService, bodyLimit: number }): void {
  app.post('/studio/api/backup', { schema: { body: Maybe(BackupRequest) } }, ({ body }) => transfer.backup(body ?? {}))
  app.get('/studio/api/threads/:thread_id/export', { schema: { params: ThreadParams } }, ({ params }, reply) => {
    const parts = transfer.export(params.thread_id)
    return reply
      .headers({ 'content-type': THREAD_FILE_TYPE, 'content-disposition': `attachment; filename="thread-${params.thread_id}.jsonl"`, 'cache-control': 'no-store' })
      .send(Readable.from(parts, { objectMode: false }))
  })
  // Only here is a body read as it comes. Its type makes a browser ask before it sends, like JSON.
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser(THREAD_FILE_TYPE, (_request, payload, parsed) => parsed(null, payload))
    scope.post('/studio/api/threads/import', ({ body }) => transfer.import(body instanceof Readable ? body : Readable.from([]), bodyLimit))
    done()
  })
}
