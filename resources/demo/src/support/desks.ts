export type Desk = 'billing' | 'technical' | 'human'

export const DESKS = {
  billing: {
    signs: /invoice|refund|charge|price|pay|bill/i,
    answer: 'I have found your last invoice. A refund takes three working days.',
    suggestions: ['Download the invoice', 'Ask for a refund', 'Change the payment method'],
  },
  technical: {
    signs: /error|crash|bug|login|password|install|slow|broken|work/i,
    answer: 'This looks like a known problem. Signing out and in again solves it for most people.',
    suggestions: ['Sign out and in again', 'Update to the newest version', 'Send the log file'],
  },
  human: {
    signs: /human|person|agent|complain|manager/i,
    answer: 'A colleague takes over and answers within one hour.',
    suggestions: ['Leave a phone number', 'Describe what happened', 'Wait in the chat'],
  },
} as const satisfies Record<Desk, { signs: RegExp, answer: string, suggestions: readonly string[] }>

/** Who asks for a person gets one; whatever no desk knows goes to a person too. */
export function deskFor(text: string): Desk {
  const order: readonly Desk[] = ['human', 'billing', 'technical']
  return order.find((desk) => DESKS[desk].signs.test(text)) ?? 'human'
}
