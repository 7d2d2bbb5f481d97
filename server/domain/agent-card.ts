import type { Assistant } from '../contract/assistant.ts'
import type { JsonObject } from '../contract/common.ts'

/** What clients of the Agent Server know the choice of a task's history by. */
const HISTORY_SCOPE = 'https://langchain.com/a2a/extensions/history-scope/v1'

/**
 * What an assistant tells other agents of itself. Clients of both lines read the one card: `supportedInterfaces` is new in 1.0, `url`
 * and `protocolVersion` are what came before it.
 */
export function agentCard({ assistant_id, graph_id, name, description, version }: Pick<Assistant, 'assistant_id' | 'graph_id' | 'name' | 'description' | 'version'>, url: string): JsonObject {
  const does = description ?? `Runs the assistant "${name}".`
  return {
    name, description: does, version: String(version),
    supportedInterfaces: ['1.0', '0.3'].map((protocolVersion) => ({ url, protocolBinding: 'JSONRPC', protocolVersion })),
    protocolVersion: '0.3.0', url, preferredTransport: 'JSONRPC', supportsAuthenticatedExtendedCard: true,
    capabilities: {
      streaming: true, pushNotifications: false, extendedAgentCard: true,
      extensions: [{ uri: HISTORY_SCOPE, description: 'historyScope: "task" leaves out messages of other tasks of the context.', required: false }],
    },
    defaultInputModes: ['text/plain', 'application/json', 'application/octet-stream'],
    defaultOutputModes: ['text/plain', 'application/json'],
    skills: [{ id: assistant_id, name, description: does, tags: [graph_id], examples: [] }],
  }
}
