// Requests as plain as possible: it must be known exactly what was answered when the server dies.
import http from 'node:http'

const TIMEOUT_MS = 20_000

/** Rejects when the answer is not complete: then the operation may have happened or not. `onSent` is called when the request is out. */
export function request(url, method, path, body, { timeoutMs = TIMEOUT_MS, onSent } = {}) {
  return new Promise((resolve, reject) => {
    const sent = open(url, method, path, body, {}, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('close', () => response.complete ? resolve(answerOf(response, Buffer.concat(chunks).toString())) : reject(new CutOffError(`${method} ${path}: the answer was cut off.`)))
    })
    sent.setTimeout(timeoutMs, () => sent.destroy(new TimeoutError(`${method} ${path} was not answered within ${timeoutMs} ms.`)))
    sent.on('error', reject)
    if (onSent) sent.on('finish', onSent)
  })
}

export class TimeoutError extends Error {}
export class CutOffError extends Error {}

/**
 * Reads a stream of events to its end. `onOpen(response)` tells of the headers, `onEvent({id, event, data})` of each whole event; when
 * that returns false, this client goes away. Resolves with the status and whether the server has ended the stream.
 */
export function follow(url, method, path, body, { lastId, onOpen, onEvent, onSent }) {
  return new Promise((resolve, reject) => {
    const headers = lastId === undefined ? {} : { 'last-event-id': String(lastId) }
    const sent = open(url, method, path, body, headers, (response) => {
      onOpen?.(response)
      let rest = ''
      const onData = (text) => {
        const frames = (rest + text).split('\n\n')
        rest = frames.pop()
        for (const frame of frames) {
          const event = eventOf(frame)
          if (!event || onEvent(event) !== false) continue
          // What is buffered already would still come, without the events of this part that nobody hears any more.
          response.off('data', onData)
          return void response.destroy()
        }
      }
      response.setEncoding('utf8').on('data', onData)
      response.on('error', () => {})
      response.on('close', () => resolve({ status: response.statusCode, isComplete: response.complete }))
    })
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new TimeoutError(`${path} was silent for ${TIMEOUT_MS} ms.`)))
    sent.on('error', reject)
    if (onSent) sent.on('finish', onSent)
  })
}

function open(url, method, path, body, headers, onResponse) {
  const payload = body === undefined ? null : JSON.stringify(body)
  const sent = http.request(url + path, { method, agent: false, headers: { ...headers, ...(payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {}) } }, onResponse)
  sent.end(payload ?? undefined)
  return sent
}

function answerOf(response, text) {
  let body = text
  try {
    body = text === '' ? null : JSON.parse(text)
  } catch { /* Not JSON: kept as text. */ }
  return { status: response.statusCode, headers: response.headers, body }
}

/** Null for a heartbeat. */
function eventOf(frame) {
  const fields = Object.fromEntries(frame.split('\n').filter((line) => line && !line.startsWith(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
  return fields.id === undefined ? null : { id: Number(fields.id), event: fields.event, data: fields.data }
}
