import type { AssistantVersion } from '@langchain/langgraph-sdk'
import { useMemo, useState } from 'react'
import { toast } from 'sonner'
import { errorText } from '../../api/api-error.ts'
import { useStudio } from '../../app-store.ts'
import { countChanges, diffLines } from '../../lib/diff-lines.ts'
import { formatAgo } from '../../lib/format-time.ts'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { DiffLines } from '../../ui/diff-lines.tsx'
import { FailedState, LoadingState } from '../../ui/pane-state.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { useNow } from '../../ui/use-now.ts'
import { SchemaPanel } from './schema-panel.tsx'
import type { Edited } from './use-assistant.ts'
import { compareVersions, countOf, textOfDraft, textOfVersion } from './version-text.ts'
import styles from './versions-panel.module.css'

/** Where this assistant came from, and what its graph expects. */
export function VersionsPanel({ edited }: { edited: Edited }) {
  const [tab, setTab] = useState('versions')
  const { status, error, assistantId, versions, schemas } = useStudio((state) => state.assistantDetails)
  const load = useStudio((state) => state.loadAssistantDetails)
  const id = edited.assistant.assistant_id
  const pending = assistantId !== id || status === 'loading' || status === 'idle'
    ? <LoadingState label="Reading versions" />
    : status === 'failed' && versions.length === 0 ? <FailedState title="The versions can't be read" detail={error} action={<Button onClick={() => void load(id)}>Try again</Button>} /> : null
  return (
    <aside className={styles['panel']} aria-label="Versions and schema">
      <Tabs label="Versions and schema" value={tab} onChange={setTab} tabs={[
        { id: 'versions', title: 'Versions', count: pending ? 0 : versions.length, content: pending ?? <Versions key={id} edited={edited} versions={versions} /> },
        { id: 'schema', title: 'Schema', content: pending ?? <SchemaPanel graphId={edited.assistant.graph_id} schemas={schemas} /> },
      ]} />
    </aside>
  )
}

function Versions({ edited, versions }: { edited: Edited, versions: readonly AssistantVersion[] }) {
  const { assistant, draft, dirty } = edited
  const restoreAssistant = useStudio((state) => state.restoreAssistant)
  const [shownVersion, setShownVersion] = useState<number | null>(null)
  const current = versions.find(({ version }) => version === assistant.version)
  const shown = versions.find(({ version }) => version === shownVersion && version !== assistant.version)
  const lines = useMemo(() => {
    const currentText = textOfVersion(assistant)
    return shown ? diffLines(currentText, textOfVersion(shown)) : diffLines(currentText, textOfDraft(draft))
  }, [assistant, draft, shown])
  const { added, removed } = countChanges(lines)
  const restore = (version: number) => void restoreAssistant(assistant.assistant_id, version)
    .then(() => toast.success(`v${version} is current again`), (error: unknown) => toast.error(errorText(error)))
  const title = shown ? `v${shown.version} against v${assistant.version}` : `Draft against v${assistant.version}`
  return (
    <div className={styles['body']}>
      <ol className={styles['versions']}>
        {dirty && <li className={styles['row']}><button type="button" className={styles['version']} aria-pressed={!shown} onClick={() => setShownVersion(null)}><span className={classNames(styles['dot'], styles['draft'])} aria-hidden /><b>draft</b><span className={styles['dim']}>not saved</span><code className={styles['size']}>{countOf(compareVersions(textOfVersion(assistant), textOfDraft(draft)))}</code></button></li>}
        {(current ? versions : [assistant, ...versions]).map((version, i, all) => (
          <VersionRow
            key={version.version} version={version} before={all[i + 1] ?? null} isCurrent={version.version === assistant.version} isShown={shown === version}
            onShow={() => setShownVersion(shown === version ? null : version.version)} onRestore={() => restore(version.version)}
          />
        ))}
      </ol>
      {(dirty || shown) && (
        <>
          <h3 className={styles['heading']}>{title}</h3>
          {added + removed > 0 ? <DiffLines label={title} lines={lines} /> : <p className={styles['dim']}>They say the same.</p>}
        </>
      )}
      {!dirty && !shown && <p className={styles['dim']}>Every save makes a version. Choose an older one to see how it differs from v{assistant.version}.</p>}
    </div>
  )
}

interface RowProps { readonly version: AssistantVersion, readonly before: AssistantVersion | null, readonly isCurrent: boolean, readonly isShown: boolean, onShow(): void, onRestore(): void }

function VersionRow({ version, before, isCurrent, isShown, onShow, onRestore }: RowProps) {
  const ago = formatAgo(version.created_at, useNow())
  return (
    <li className={styles['row']}>
      <button type="button" className={styles['version']} aria-pressed={isShown} disabled={isCurrent} title={new Date(version.created_at).toLocaleString('en-GB')} onClick={onShow}>
        <span className={classNames(styles['dot'], isCurrent && styles['current'])} aria-hidden />
        <b>v{version.version}</b>
        <span className={styles['dim']}>{isCurrent ? `current · ${ago}` : ago}</span>
        <code className={styles['size']}>{before ? countOf(compareVersions(textOfVersion(before), textOfVersion(version))) : version.version === 1 ? 'first' : ''}</code>
      </button>
      {!isCurrent && <Button small onClick={onRestore} aria-label={`Restore v${version.version}`}>Restore</Button>}
    </li>
  )
}
