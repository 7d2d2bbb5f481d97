/** The content of a message: text, or a list of parts. */
const MESSAGE_CONTENT = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'object', additionalProperties: true } }] }

/** One message as clients write and read it (wire reference §2.3), marked the way LangGraph marks its own. */
export const MESSAGE_SCHEMA = {
  type: 'object',
  title: 'Message',
  properties: {
    type: { type: 'string', enum: ['human', 'ai', 'system', 'tool', 'function', 'generic', 'remove'] },
    content: MESSAGE_CONTENT,
    id: { type: 'string' },
    name: { type: 'string' },
    tool_calls: { type: 'array', items: { type: 'object', additionalProperties: true } },
    tool_call_id: { type: 'string' },
  },
  required: ['type', 'content'],
  additionalProperties: true,
}

export const MESSAGES_SCHEMA = { type: 'array', items: MESSAGE_SCHEMA, langgraph_type: 'messages' }
