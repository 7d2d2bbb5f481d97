import { useState, type ReactNode } from 'react'
import { toast } from 'sonner'
import { useStudio } from '../../app-store.ts'
import { formatBytes, formatDuration } from '../../lib/format-time.ts'
import { applyTheme, type ThemeChoice } from '../../lib/theme.ts'
import { useTheme } from '../../ui/use-theme.ts'
import { Segmented, type Segment } from '../../ui/segmented.tsx'
import { Switch } from '../../ui/field.tsx'
import { setNotices, wantsNotices } from '../inbox/index.ts'
import { PricesSetting } from './prices-setting.tsx'
import styles from './settings.module.css'
import { ShortcutList } from './shortcut-list.tsx'

const THEMES: readonly Segment<ThemeChoice>[] = [{ id: 'system', title: 'System' }, { id: 'dark', title: 'Dark' }, { id: 'light', title: 'Light' }]
const WORKER_STATES = { starting: 'starting', ready: 'ready', reloading: 'reloading', failed: 'failed', stopped: 'stopped' } as const

/** How the Studio looks, which server it is on, and the keys it knows. */
export function SettingsView() {
  const { choice } = useTheme()
  return (
    <div className={styles['view']}>
      <div className={styles['column']}>
        <h1>Settings</h1>
        <Group title="Appearance">
          <div className={styles['setting']}>
            <span>Theme</span>
            <Segmented label="Theme" segments={THEMES} value={choice} onChange={applyTheme} />
          </div>
        </Group>
        <Group title="Notices"><NoticesSetting /></Group>
        <Group title="Model prices"><PricesSetting /></Group>
        <Group title="Server"><ServerFacts /></Group>
        <Group title="Keyboard shortcuts"><ShortcutList /></Group>
        <p className={styles['licence']}>Superstep is free software under the MIT licence. It sends nothing anywhere but to the server above.</p>
      </div>
    </div>
  )
}

function NoticesSetting() {
  const [isOn, setOn] = useState(wantsNotices)
  const change = async (wanted: boolean) => {
    const isAllowed = await setNotices(wanted)
    setOn(isAllowed)
    if (wanted && !isAllowed) toast.error('The browser does not allow notices of this page. Its settings for the site can change that.')
  }
  return (
    <div className={styles['setting']}>
      <span>Tell me when a run waits for me or fails while this window is in the background</span>
      <Switch label="Notices" checked={isOn} onChange={(wanted) => void change(wanted)} />
    </div>
  )
}

function Group({ title, children }: { title: string, children: ReactNode }) {
  return (
    <section className={styles['group']} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function ServerFacts() {
  const { url, status, error, version, project, hasStudioApi } = useStudio((state) => state.connection)
  const worker = project?.worker
  const state = { connecting: 'connecting', ready: 'connected', lost: 'connection lost, trying again', failed: error ?? 'not connected' }[status]
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['Address', url], ['State', state], [hasStudioApi ? 'Superstep' : 'Version', version],
    ['Project', project?.name], ['Folder', project?.folder], ['Config', project?.config_path],
    ['Data', project ? `${project.data_dir} · ${formatBytes(project.storage.bytes)}` : null],
    ['Worker', worker ? `${WORKER_STATES[worker.state]}${worker.error ? `: ${worker.error.message}` : ''}` : null],
    ['Code generation', worker ? String(worker.generation) : null],
    ['Node', worker?.node_version], ['LangGraph', worker?.langgraph_version],
    ['Graphs loaded in', worker?.ready_ms == null ? null : formatDuration(worker.ready_ms)],
  ]
  return (
    <>
      <dl className={styles['facts']}>
        {facts.map(([name, value]) => value ? <div key={name}><dt>{name}</dt><dd>{value}</dd></div> : null)}
      </dl>
      {status === 'ready' && !hasStudioApi && <p className={styles['hint']}>This is another LangGraph server: it tells no more about itself than its version.</p>}
    </>
  )
}
