import { Cpu, HardDrive, ListOrdered, ShieldCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useStudio } from '../app-store.ts'
import { formatBytes, formatDuration } from '../lib/format-time.ts'
import { Button } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { Dialog } from '../ui/dialog.tsx'
import { StatusDot, type DotStatus } from '../ui/status-dot.tsx'
import styles from './shell.module.css'

const SERVER = { connecting: ['busy', 'Connecting'], ready: ['ok', 'Server ready'], lost: ['wait', 'Connection lost'], failed: ['err', 'No server'] } as const satisfies Record<string, readonly [DotStatus, string]>
const WORKER: Readonly<Record<string, string>> = { starting: 'worker starting', ready: 'worker ready', reloading: 'reloading code', failed: 'worker failed', stopped: 'worker stopped' }

/** What the machine does, always in the same place. */
export function StatusBar({ narrow }: { narrow: boolean }) {
  const { status, project, url, version } = useStudio((state) => state.connection)
  const [dot, label] = SERVER[status]
  const isLocal = url.startsWith(location.origin) || /^https?:\/\/(localhost|127\.|\[::1\])/.test(url)
  return (
    <footer className={styles['status']} aria-label="Status">
      <span className={styles['fact']}><StatusDot status={dot} label={label} />{label}</span>
      {project && (
        <span className={styles['fact']} title={`Process ${project.worker.pid ?? '–'}, LangGraph ${project.worker.langgraph_version ?? '–'}, ready in ${project.worker.ready_ms === null ? '–' : formatDuration(project.worker.ready_ms)}`}>
          <Cpu aria-hidden />{WORKER[project.worker.state]} · code {project.worker.generation}{project.worker.node_version && !narrow && ` · Node ${project.worker.node_version.replace(/^v/, '').split('.')[0]}`}{project.worker.ready_ms !== null && !narrow && ` · ${formatDuration(project.worker.ready_ms)}`}
        </span>
      )}
      {project && <span className={styles['fact']}><ListOrdered aria-hidden />queue {project.queue.pending} · running {project.queue.running}</span>}
      <span className={styles['grow']} />
      {!narrow && <span className={styles['fact']} title={isLocal ? 'The Studio talks to this server alone, and everything it shows came with it.' : `The Studio talks to ${url} alone.`}><ShieldCheck aria-hidden />{isLocal ? 'No outside requests' : 'Remote server only'}</span>}
      {project && <span className={styles['fact']} title={project.data_dir}><HardDrive aria-hidden />{formatBytes(project.storage.bytes)}</span>}
      <Problems />
      {!project && version && <span className={styles['fact']}>Agent Server {version}</span>}
    </footer>
  )
}

function Problems() {
  const [isOpen, setOpen] = useState(false)
  const project = useStudio((state) => state.connection.project)
  const broken = project?.graphs.filter((graph) => graph.error) ?? []
  const worker = project?.worker.error && broken.length === 0 ? [{ graph_id: 'The newest code', path: project.config_path, error: project.worker.error }] : []
  const problems = [...broken, ...worker]
  if (problems.length === 0) return null
  return (
    <>
      <button type="button" className={classNames(styles['fact'], styles['factButton'])} onClick={() => setOpen(true)}><TriangleAlert aria-hidden />{problems.length} {problems.length === 1 ? 'problem' : 'problems'}</button>
      <Dialog open={isOpen} wide title="Problems" onClose={() => setOpen(false)} actions={<Button onClick={() => setOpen(false)}>Close</Button>}>
        <div className={styles['problems']}>
          {problems.map(({ graph_id, path, error }) => error && (
            <div key={graph_id} className={styles['problem']}>
              <b>{graph_id}</b> <span className={styles['where']}>{error.file ? `${error.file}${error.line ? `:${error.line}` : ''}` : path}</span>
              <pre tabIndex={0}>{error.stack ?? error.message}</pre>
            </div>
          ))}
        </div>
      </Dialog>
    </>
  )
}
