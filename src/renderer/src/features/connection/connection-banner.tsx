import type { Project } from '@contract/studio.ts'
import { TriangleAlert } from 'lucide-react'
import { useStudio } from '../../app-store.ts'
import { classNames } from '../../ui/class-names.ts'
import styles from './connection.module.css'

/** Code that does not load while older code serves, or none at all. A single graph that failed from the start is told on its card. */
function reloadFailure({ worker, graphs }: Project): Project['worker']['error'] {
  const isOfOneGraph = graphs.some((graph) => !graph.error) && graphs.some((graph) => graph.error?.message === worker.error?.message)
  return isOfOneGraph ? null : worker.error
}

/** One line when something stands between the person and the newest truth; the last good data stays on screen. */
export function ConnectionBanner() {
  const { status, project, error } = useStudio((state) => state.connection)
  const failure = project && reloadFailure(project)
  if (status === 'lost')
    return <div className={styles['banner']} role="status"><TriangleAlert aria-hidden /><span className={styles['message']}>The server does not answer{error ? `: ${error}` : ''}. This is what was last known; the Studio keeps trying.</span></div>
  if (!failure) return null
  const where = failure.file ? `${failure.file.split(/[\\/]/).slice(-2).join('/')}${failure.line ? `:${failure.line}` : ''}` : null
  const serving = project.graphs.some((graph) => !graph.error)
  return (
    <div className={classNames(styles['banner'], styles['bannerError'])} role="alert">
      <TriangleAlert aria-hidden />
      <span className={styles['message']} title={failure.message}>
        {serving ? 'The newest code does not load; the last good version keeps serving. ' : 'The graphs can\'t be loaded. '}
        {failure.message}
      </span>
      {where && <span className={styles['where']} title={failure.file}>{where}</span>}
    </div>
  )
}
