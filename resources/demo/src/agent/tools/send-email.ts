import { tool } from '@langchain/core/tools'
import { z } from 'zod'
import { requestApproval } from '../approval.ts'

const Email = z.object({
  to: z.string().describe('Who gets the email'),
  subject: z.string(),
  body: z.string(),
})

/** Nothing is really sent. The tool shows how a dangerous one asks first. */
export const sendEmail = tool((email) => {
  const response = requestApproval({
    action: 'send_email',
    args: email,
    description: `Send an email to ${email.to}?`,
  })
  switch (response.type) {
    case 'accept':
      return sent(email)
    case 'edit':
      return sent(Email.parse({ ...email, ...response.args }))
    case 'response':
      return `Not sent. The user answered: ${response.args}`
    case 'ignore':
      return `Not sent. The user rejected the email to ${email.to}.`
  }
}, {
  name: 'send_email',
  description: 'Sends an email after the user approved it.',
  schema: Email,
})

const sent = ({ to, subject, body }: z.infer<typeof Email>): string => `Sent to ${to} with the subject "${subject}": ${body}`
