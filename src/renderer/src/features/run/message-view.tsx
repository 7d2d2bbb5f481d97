import { CornerDownRight, Wrench } from 'lucide-react'
import { memo } from 'react'
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { textOf } from '../../stream/read-message.ts'
import type { MessageView as Message } from '../../stream/run-view.ts'
import { classNames } from '../../ui/class-names.ts'
import styles from './run.module.css'

const WHO: Readonly<Record<string, string>> = { human: 'You', ai: 'Assistant', tool: 'Tool', system: 'System' }
const PLUGINS = [remarkGfm]
const LONGEST = 20_000

/** Links and pictures of a model's text must not make the Studio call out. */
const COMPONENTS = {
  a: ({ href, children }: { href?: string | undefined, children?: React.ReactNode }) => <a href={href} target="_blank" rel="noreferrer noopener">{children}</a>,
  img: ({ alt, src }: { alt?: string | undefined, src?: string | Blob | undefined }) => typeof src === 'string' && src.startsWith('data:') ? <img alt={alt ?? ''} src={src} style={{ maxWidth: '100%' }} /> : <code>[image: {alt || String(src)}]</code>,
}

function ToolCallCard({ name, args }: { name: string, args: unknown }) {
  return (
    <div className={styles['tool']}>
      <div className={styles['toolHead']}><Wrench aria-hidden /><b>{name || 'tool'}</b></div>
      <pre className={styles['toolArgs']}>{typeof args === 'string' ? args : JSON.stringify(args, null, 1)}</pre>
    </div>
  )
}

/** A message of any kind: words as Markdown, calls as cards, a tool's answer with its name. */
export const MessageView = memo(function MessageView({ message, isNew }: { message: Message, isNew?: boolean }) {
  const text = textOf(message.content).slice(0, LONGEST)
  const growing = Object.values(message.partialCalls)
  const calls = message.isStreaming && growing.length ? growing : message.toolCalls
  return (
    <article className={classNames(styles['message'], message.type === 'human' && styles['human'], isNew && styles['isNew'])} aria-busy={message.isStreaming}>
      <div className={styles['who']}>
        <b>{WHO[message.type] ?? message.type}</b>
        {message.name && message.type === 'tool' && <span>{message.name}</span>}
        {message.node && <span>in {message.node}</span>}
        {message.tokens !== null && <span>{message.tokens} tokens</span>}
      </div>
      {message.type === 'tool'
        ? <div className={styles['tool']}><div className={styles['toolHead']}><CornerDownRight aria-hidden /><b>{message.name ?? 'result'}</b></div><pre className={styles['toolArgs']}>{text}</pre></div>
        : text && <div className={classNames(styles['bubble'], message.isStreaming && styles['caret'])}><Markdown remarkPlugins={PLUGINS} components={COMPONENTS}>{text}</Markdown></div>}
      {calls.map((call, i) => <ToolCallCard key={call.id ?? i} name={call.name} args={call.args} />)}
    </article>
  )
})
