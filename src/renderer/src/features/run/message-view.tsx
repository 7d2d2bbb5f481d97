import { CornerDownRight, Link2, Wrench } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { mediaOf, type Media } from '../../stream/message-parts.ts'
import { textOf } from '../../stream/read-message.ts'
import type { MessageView as Message } from '../../stream/run-view.ts'
import { IconButton } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { copyText } from '../../ui/copy-text.ts'
import styles from './run.module.css'

const WHO: Readonly<Record<string, string>> = { human: 'You', ai: 'Assistant', tool: 'Tool', system: 'System' }
const PLUGINS = [remarkGfm]
const LONGEST = 20_000

/** Links and pictures of a model's text must not make the Studio call out. */
const COMPONENTS = {
  a: ({ href, children }: { href?: string | undefined, children?: React.ReactNode }) => <a href={href} target="_blank" rel="noreferrer noopener">{children}</a>,
  img: ({ alt, src }: { alt?: string | undefined, src?: string | Blob | undefined }) => typeof src === 'string' && src.startsWith('data:') ? <img alt={alt ?? ''} src={src} style={{ maxWidth: '100%' }} /> : <code>[image: {alt || String(src)}]</code>,
}

function ToolCallCard({ id, name, args }: { id: string | null, name: string, args: unknown }) {
  const entries = typeof args === 'object' && args !== null && !Array.isArray(args) ? Object.entries(args) : null
  return (
    <div className={styles['tool']}>
      <div className={styles['toolHead']}>
        <Wrench aria-hidden /><b>{name || 'tool'}</b>
        {id && <><span className={styles['grow']} /><IconButton label="Copy the call's id" small onClick={() => copyText(id)}><Link2 aria-hidden /></IconButton></>}
      </div>
      {entries
        ? <dl className={styles['toolTable']}>{entries.map(([key, value]) => <div key={key}><dt>{key}</dt><dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd></div>)}</dl>
        : <pre className={styles['toolArgs']}>{typeof args === 'string' ? args : JSON.stringify(args, null, 1)}</pre>}
    </div>
  )
}

/** Only what is in the message itself is shown: fetching the rest would call out. */
function MediaView({ kind, url, name }: Media) {
  if (!url.startsWith('data:')) return <a href={url} target="_blank" rel="noreferrer noopener">{name ?? url}</a>
  if (kind === 'image') return <img className={styles['media']} src={url} alt={name ?? 'Image of the message'} />
  if (kind === 'audio') return <audio className={styles['media']} controls src={url}><track kind="captions" /></audio>
  return <a href={url} download={name ?? kind}>{name ?? kind}</a>
}

/** A message of any kind: words as Markdown, thoughts folded, pictures, calls as cards, a tool's answer with its name. */
export const MessageView = memo(function MessageView({ message, isNew, children }: { message: Message, isNew?: boolean, children?: ReactNode }) {
  const text = textOf(message.content).slice(0, LONGEST)
  const media = mediaOf(message.content)
  const growing = Object.values(message.partialCalls)
  const calls = message.isStreaming && growing.length ? growing : message.toolCalls
  return (
    <article className={classNames(styles['message'], message.type === 'human' && styles['human'], isNew && styles['isNew'])} aria-busy={message.isStreaming}>
      <div className={styles['who']}>
        <b>{WHO[message.type] ?? message.type}</b>
        {message.name && message.type === 'tool' && <span>{message.name}</span>}
        {message.node && <span>in {message.node}</span>}
        {message.tokens !== null && <span>{message.tokens} tokens</span>}
        {children}
      </div>
      {message.reasoning && <details className={styles['reasoning']}><summary>Reasoning</summary><p>{message.reasoning.slice(0, LONGEST)}</p></details>}
      {message.type === 'tool'
        ? <div className={styles['tool']}><div className={styles['toolHead']}><CornerDownRight aria-hidden /><b>{message.name ?? 'result'}</b></div><pre className={styles['toolArgs']}>{text}</pre></div>
        : text && <div className={classNames(styles['bubble'], message.isStreaming && styles['caret'])}><Markdown remarkPlugins={PLUGINS} components={COMPONENTS}>{text}</Markdown></div>}
      {media.map((one, i) => <MediaView key={i} {...one} />)}
      {calls.map((call, i) => <ToolCallCard key={call.id ?? i} id={call.id} name={call.name} args={call.args} />)}
    </article>
  )
})
