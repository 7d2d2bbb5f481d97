import { useStudio } from '../../app-store.ts'
import { StatusDot, type DotStatus } from '../../ui/status-dot.tsx'
import styles from './connection.module.css'

const LABELS = { connecting: 'Connecting', ready: 'Connected', lost: 'Connection lost', failed: 'Not connected' } as const
const DOTS: Record<keyof typeof LABELS, DotStatus> = { connecting: 'busy', ready: 'ok', lost: 'wait', failed: 'err' }

/** Which server this is and whether it answers. */
export function ConnectionBadge({ onOpen }: { onOpen: () => void }) {
  const { status, url } = useStudio((state) => state.connection)
  const address = url.replace(/^https?:\/\//, '')
  const isLocal = /^(localhost|127\.|\[::1\])/.test(address)
  return (
    <button type="button" className={styles['badge']} onClick={onOpen} title={`${LABELS[status]}: ${url}`}>
      <StatusDot status={DOTS[status]} label={LABELS[status]} />
      <span>{isLocal ? 'Local' : 'Remote'}</span>
      <span className={styles['address']}>{address}</span>
    </button>
  )
}
