// One small HTTP client for every server that is measured, so that its own cost is the same for all.
import { Agent, request as httpRequest } from 'node:http'

export function createClient(base) {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

  function open(method, path, body, headers = {}) {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const request = httpRequest(base + path, { method, agent, headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }), ...headers } })
    const answered = new Promise((resolve, reject) => request.once('response', resolve).on('error', reject))
    request.end(payload)
    return { request, answered }
  }

  /** The whole answer: status, headers and text. Any status resolves. */
  async function send(method, path, body, headers) {
    const response = await open(method, path, body, headers).answered
    const chunks = []
    for await (const chunk of response) chunks.push(chunk)
    return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
  }

  /** The parsed answer of a request that must succeed. */
  async function json(method, path, body, headers) {
    const { status, text } = await send(method, path, body, headers)
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 400)}`)
    return text ? JSON.parse(text) : null
  }

  /** An event stream whose chunks are handed on as they come. Resolves when it has ended or `close` was called. */
  async function stream(method, path, body, { headers, onChunk, onOpen }) {
    const { request, answered } = open(method, path, body, { accept: 'text/event-stream', ...headers })
    let isClosed = false
    const close = () => {
      isClosed = true
      request.destroy()
    }
    try {
      const response = await answered
      if (response.statusCode >= 300) throw new Error(`${method} ${path} answered ${response.statusCode}`)
      onOpen?.(response.headers)
      for await (const chunk of response) {
        onChunk(chunk, close)
        if (isClosed) break
      }
    } catch (error) {
      if (!isClosed) throw error
    }
  }

  return { base, send, json, stream, close: () => agent.destroy() }
}

/** Splits chunks of an event stream into frames and hands on id, event and data of each; comments are left out. */
export function createFrameReader(onFrame) {
  let rest = ''
  return (chunk) => {
    const parts = (rest + chunk.toString().replaceAll('\r', '')).split('\n\n')
    rest = parts.pop()
    for (const part of parts) {
      const frame = { id: null, event: 'message', data: '' }
      for (const line of part.split('\n')) {
        const at = line.indexOf(': ')
        if (at > 0) frame[line.slice(0, at)] = line.slice(at + 2)
      }
      if (frame.data || frame.id) onFrame(frame)
    }
  }
}
