import { validateHeaderName, validateHeaderValue } from 'node:http'
import { fillHeader, WEBHOOK_ENV_PREFIX } from '../domain/webhook-headers.ts'
import { DEFAULT_WEBHOOK_RULES, type WebhookRules } from '../domain/webhook-rules.ts'
import { isObject, ProjectError, type Raw } from './project-error.ts'

export interface WebhookConfig {
  /** `disableLoopback` is null where nothing is said: it then depends on where the server listens. */
  readonly rules: Omit<WebhookRules, 'disableLoopback'> & { readonly disableLoopback: boolean | null }
  readonly headers: Readonly<Record<string, string>>
}

/** What the platform says itself, or the connection needs. */
const RESERVED = new Set(['content-type', 'content-length', 'host', 'connection', 'transfer-encoding', 'user-agent', 'webhook-id', 'webhook-timestamp'])

/** `webhooks` and `http.disable_webhooks` (§3.10). Headers are filled from `env` here, so that a mistake is told at start. */
export function readWebhooks(raw: unknown, http: unknown, env: Readonly<Record<string, string>>, configPath: string): WebhookConfig {
  const fail = (key: string, problem: string, remedy: string) => new ProjectError(configPath, key, problem, remedy)
  const webhooks = objectIn(raw, 'webhooks', fail)
  const url = objectIn(webhooks['url'], 'webhooks.url', fail)
  const prefix = webhooks['env_prefix'] ?? WEBHOOK_ENV_PREFIX
  if (typeof prefix !== 'string' || prefix === '') throw fail('webhooks.env_prefix', 'This must be a text that is not empty.', `For example "${WEBHOOK_ENV_PREFIX}".`)
  return {
    rules: {
      isDisabled: flagIn(isObject(http) ? http : {}, 'disable_webhooks', 'http', fail) ?? false,
      allowedDomains: listIn(url, 'allowed_domains', (domain) => typeof domain === 'string' && /^(\*\.)?[^*/:@\s]+$/.test(domain), 'names like "hooks.example.com" or "*.example.com"', fail),
      allowedPorts: listIn(url, 'allowed_ports', (port) => Number.isInteger(port) && Number(port) > 0 && Number(port) < 65536, 'ports like 443', fail),
      requireHttps: flagIn(url, 'require_https', 'webhooks.url', fail) ?? false,
      disableLoopback: flagIn(url, 'disable_loopback', 'webhooks.url', fail),
      allowPrivateNetworks: flagIn(url, 'allow_private_networks', 'webhooks.url', fail) ?? false,
      maxUrlLength: lengthIn(url, fail),
    },
    headers: readHeaders(objectIn(webhooks['headers'], 'webhooks.headers', fail), env, prefix, fail),
  }
}

type Fail = (key: string, problem: string, remedy: string) => ProjectError

function readHeaders(raw: Raw, env: Readonly<Record<string, string>>, prefix: string, fail: Fail): Record<string, string> {
  return Object.fromEntries(Object.entries(raw).map(([name, template]) => {
    const key = `webhooks.headers.${name}`
    if (typeof template !== 'string') throw fail(key, 'This must be a text.', 'For example "Bearer ${{ env.LG_WEBHOOK_TOKEN }}".')
    if (RESERVED.has(name.toLowerCase())) throw fail(key, 'This header is set by the server.', 'Remove it.')
    const filled = fillHeader(template, env, prefix)
    if ('problem' in filled) throw fail(key, filled.problem, `Name a variable like \${{ env.${prefix}TOKEN }} and set it, in the shell or the project's env.`)
    try {
      validateHeaderName(name)
      validateHeaderValue(name, filled.value)
    } catch {
      // The value may be secret: it is not told.
      throw fail(key, 'This is no valid header.', 'A name has letters, digits and dashes, a value no line breaks or control characters.')
    }
    return [name, filled.value]
  }))
}

function objectIn(value: unknown, key: string, fail: Fail): Raw {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw fail(key, 'This must be an object.', 'Correct it or remove it.')
  return value
}

function flagIn(raw: Raw, key: string, parent: string, fail: Fail): boolean | null {
  const value = raw[key]
  if (value === undefined || value === null) return null
  if (typeof value !== 'boolean') throw fail(`${parent}.${key}`, 'This must be true or false.', 'Correct it or remove it.')
  return value
}

/** Null where nothing is said. An empty list allows nothing. */
function listIn<T extends string | number>(url: Raw, key: string, isValid: (item: unknown) => boolean, what: string, fail: Fail): T[] | null {
  const value = url[key]
  if (value === undefined || value === null) return null
  if (!Array.isArray(value) || !value.every(isValid)) throw fail(`webhooks.url.${key}`, `This must be a list of ${what}.`, 'Correct it or remove it.')
  return value as T[]
}

function lengthIn(url: Raw, fail: Fail): number {
  const value = url['max_url_length'] ?? DEFAULT_WEBHOOK_RULES.maxUrlLength
  if (!Number.isInteger(value) || Number(value) < 1 || Number(value) > 65_536) throw fail('webhooks.url.max_url_length', 'This must be a number of characters from 1 to 65536.', 'Correct it or remove it.')
  return Number(value)
}
