import styles from './assistants-view.module.css'
import { keptMetadata, losesConfigurable, type Part } from './drafts.ts'
import type { Edited } from './use-assistant.ts'

interface NoteProps { readonly part: Part, readonly edited: Edited, readonly isKnown: boolean, readonly hasSchema: boolean }

/** One line on what this part is bound by, when there is something to say. */
export function PartNote({ part, edited, isKnown, hasSchema }: NoteProps) {
  const text = noteOf({ part, edited, isKnown, hasSchema })
  return text && <p className={styles['note']}>{text}</p>
}

function noteOf({ part, edited: { assistant, draft }, isKnown, hasSchema }: NoteProps): string | null {
  if (part !== 'metadata' && losesConfigurable(draft)) return 'Both context and config.configurable are filled. Servers take only one of them: saving keeps the context and leaves config.configurable out.'
  if (part === 'context' && isKnown && !hasSchema) return `${assistant.graph_id} declares no context schema: any JSON object is accepted.`
  const kept = part === 'metadata' ? keptMetadata(draft, assistant) : []
  if (kept.length > 0) return `Servers add metadata to what is there: ${kept.join(', ')} will stay. Set a value to null to empty it.`
  return null
}
