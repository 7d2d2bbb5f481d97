import ipaddr from 'ipaddr.js'

/** Where webhooks may go (`webhooks` and `http.disable_webhooks` of langgraph.json, wire reference §3.10). */
export interface WebhookRules {
  readonly isDisabled: boolean
  /** Names, or `*.name` for all below a name; null allows all. */
  readonly allowedDomains: readonly string[] | null
  readonly allowedPorts: readonly number[] | null
  readonly requireHttps: boolean
  readonly disableLoopback: boolean
  /** Addresses of the local network. A key of our own. */
  readonly allowPrivateNetworks: boolean
  /** Whether a path alone is a route of the project's own app. */
  readonly hasApp?: boolean
  /** Characters. */
  readonly maxUrlLength: number
}

export const DEFAULT_WEBHOOK_RULES: WebhookRules = {
  isDisabled: false, allowedDomains: null, allowedPorts: null, requireHttps: false, disableLoopback: false, allowPrivateNetworks: false, maxUrlLength: 2048,
}

/** Why nothing may be sent to a URL, as far as its text tells; null when it may. */
export function refuseUrl(text: string, rules: WebhookRules): string | null {
  if (rules.isDisabled) return 'webhooks are disabled on this server (http.disable_webhooks).'
  if (text.length > rules.maxUrlLength) return `the URL is longer than ${rules.maxUrlLength} characters.`
  if (isOwnRoute(text)) return rules.hasApp ? null : 'a path is a route of the project\'s own app (http.app in langgraph.json), and there is none. Give a whole URL.'
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'this is not an http:// or https:// URL.'
  return refuseParts(url, rules) ?? refuseHost(url.hostname, rules)
}

/** A path on this server, like `/hooks/done`. */
export const isOwnRoute = (url: string): boolean => /^\/(?![/\\])/.test(url)

function refuseParts(url: URL, { requireHttps, allowedPorts, allowedDomains }: WebhookRules): string | null {
  if (requireHttps && url.protocol !== 'https:') return 'only https:// is allowed (webhooks.url.require_https).'
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (allowedPorts && !allowedPorts.includes(port)) return `port ${port} is not among webhooks.url.allowed_ports.`
  const name = nameOf(url.hostname)
  if (allowedDomains && !allowedDomains.some((domain) => isUnder(name, domain.toLowerCase()))) return `${name} is not among webhooks.url.allowed_domains.`
  return null
}

const nameOf = (hostname: string) => hostname.toLowerCase().replace(/\.$/, '')
const isUnder = (name: string, domain: string) => domain.startsWith('*.') ? name.endsWith(domain.slice(1)) && name.length > domain.length - 1 : name === domain

/** `URL` has made dotted numbers of whatever spelling an IPv4 address had (decimal, octal, short). */
function refuseHost(hostname: string, rules: WebhookRules): string | null {
  const name = nameOf(hostname)
  const address = name.replace(/^\[(.*)\]$/, '$1')
  if (ipaddr.isValid(address)) return refuseAddress(address, rules)
  return rules.disableLoopback && (name === 'localhost' || name.endsWith('.localhost')) ? LOOPBACK_REFUSED : null
}

const LOOPBACK_REFUSED = 'loopback addresses are not allowed (webhooks.url.disable_loopback).'

/** Why nothing may be sent to an IP address; null when it may. */
export function refuseAddress(address: string, rules: WebhookRules): string | null {
  const reach = reachOf(address)
  if (reach === 'public') return null
  if (reach === 'loopback') return rules.disableLoopback ? LOOPBACK_REFUSED : null
  if (reach === 'private') return rules.allowPrivateNetworks ? null : `${address} is on a private network; webhooks.url.allow_private_networks allows these.`
  return `${address} is no address that a webhook may be sent to.`
}

const REACH: Readonly<Record<string, 'public' | 'private' | 'loopback'>> = { unicast: 'public', private: 'private', uniqueLocal: 'private', carrierGradeNat: 'private', loopback: 'loopback' }
/** All that is given out of IPv6; what lies elsewhere stands for something else, often for an IPv4 address. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')
/** Where clouds tell a machine's own secrets, beside link-local addresses. */
const METADATA = new Set(['fd00:ec2::254', '100.100.100.200'])

/** An IPv4 address in an IPv6 one (`::ffff:`) counts as itself. */
function reachOf(text: string): 'public' | 'private' | 'loopback' | null {
  if (!ipaddr.isValid(text)) return null
  const address = ipaddr.process(text)
  if (METADATA.has(address.toString())) return null
  const range = address.range()
  if (range === 'unicast' && address instanceof ipaddr.IPv6 && !address.match(GLOBAL_IPV6)) return null
  return REACH[range] ?? null
}
