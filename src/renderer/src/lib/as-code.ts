/** A run as it is asked for: `body` in the wire's own form. A null thread is made first. */
export interface RunCall {
  readonly url: string
  readonly threadId: string | null
  readonly assistantId: string
  readonly body: Readonly<Record<string, unknown>>
  /** Names of headers that the connection sends; their values are secrets. */
  readonly headers: readonly string[]
}

export type Language = 'javascript' | 'python' | 'curl'

const camel = (key: string): string => key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
const indented = (text: string): string => text.replaceAll('\n', '\n  ')
/** The wire's fields by the names that the JavaScript SDK has for them; what is inside of them stays. */
export const sdkPayload = (body: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(body).map(([key, value]) => [camel(key), value]))

const withoutAssistant = ({ assistant_id: _, ...rest }: RunCall['body']) => rest

/** Secrets are named, not told. */
const variable = (header: string): string => header.toUpperCase().replaceAll(/\W/g, '_')

function javascript({ url, threadId, assistantId, body, headers }: RunCall): string {
  const payload = sdkPayload(withoutAssistant(body))
  const given = headers.length ? `, apiKey: null, defaultHeaders: { ${headers.map((name) => `${JSON.stringify(name)}: process.env.${variable(name)}`).join(', ')} }` : ''
  return [
    `import { Client } from '@langchain/langgraph-sdk'`, '',
    `const client = new Client({ apiUrl: ${JSON.stringify(url)}${given} })`,
    threadId === null ? 'const { thread_id: threadId } = await client.threads.create()' : `const threadId = ${JSON.stringify(threadId)}`,
    `const payload = ${JSON.stringify(payload, null, 2)}`,
    `for await (const { event, data } of client.runs.stream(threadId, ${JSON.stringify(assistantId)}, payload)) console.log(event, JSON.stringify(data))`, '',
  ].join('\n')
}

/** JSON text outside of strings, in Python's words. */
const literal = (value: unknown): string => JSON.stringify(value, null, 4)
  .replaceAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (part) => ({ true: 'True', false: 'False', null: 'None' })[part] ?? part)
  // Python knows no escaped halves of a pair.
  .replaceAll(/\\u(d[89ab]\w\w)\\u(d[c-f]\w\w)/gi, (_, high: string, low: string) => String.fromCharCode(parseInt(high, 16), parseInt(low, 16)))

function python({ url, threadId, assistantId, body, headers }: RunCall): string {
  const { config, ...rest } = withoutAssistant(body)
  const given = Object.entries({ ...rest, ...(config === undefined ? {} : { config }) }).map(([key, value]) => `        ${key}=${literal(value).replaceAll('\n', '\n        ')},`)
  const auth = headers.length ? `, headers={${headers.map((name) => `${JSON.stringify(name)}: os.environ[${JSON.stringify(variable(name))}]`).join(', ')}}` : ''
  return [
    'import asyncio', ...(headers.length ? ['import os'] : []), '', 'from langgraph_sdk import get_client', '', '',
    'async def main():',
    `    client = get_client(url=${JSON.stringify(url)}${auth})`,
    threadId === null ? '    thread_id = (await client.threads.create())["thread_id"]' : `    thread_id = ${JSON.stringify(threadId)}`,
    '    run = client.runs.stream(', '        thread_id,', `        ${JSON.stringify(assistantId)},`, ...given, '    )',
    '    async for part in run:', '        print(part.event, part.data)', '', '', 'asyncio.run(main())', '',
  ].join('\n')
}

const quoted = (text: string): string => `'${text.replaceAll('\'', String.raw`'\''`)}'`

function curl({ url, threadId, body, headers }: RunCall): string {
  const secrets = headers.map((name) => `-H "${name}: $${variable(name)}" `).join('')
  const make = threadId === null ? [`thread=$(curl -s -X POST ${quoted(`${url}/threads`)} ${secrets}-H 'content-type: application/json' -d '{}' | sed 's/.*"thread_id":"\\([^"]*\\)".*/\\1/')`] : []
  const at = threadId === null ? `${quoted(`${url}/threads/`)}"$thread"/runs/stream` : quoted(`${url}/threads/${threadId}/runs/stream`)
  return [...make, `curl -sN -X POST ${at} ${secrets}\\`, `  -H 'content-type: application/json' \\`, `  -d ${indented(quoted(JSON.stringify(body, null, 2)))}`, ''].join('\n')
}

const WRITERS: Readonly<Record<Language, (call: RunCall) => string>> = { javascript, python, curl }

/** A program that does the same: with the official SDK of the language, or with curl. */
export const asCode = (call: RunCall, language: Language): string => WRITERS[language](call)
