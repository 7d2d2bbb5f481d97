import { X } from 'lucide-react'
import { Inspector } from '../features/inspector/index.ts'
import { ThreadsPanel } from '../features/threads/index.ts'
import { IconButton } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import styles from './shell.module.css'

export type Drawer = 'threads' | 'inspector' | null

/** A pane that lies over the others where there is no room beside them. */
export function PaneDrawer({ drawer, onDrawer }: { drawer: Drawer, onDrawer: (drawer: Drawer) => void }) {
  if (!drawer) return null
  return (
    <aside className={classNames(styles['drawer'], drawer === 'threads' && styles['drawerLeft'])} aria-label={drawer === 'threads' ? 'Threads' : 'Inspector'}>
      <div className={styles['drawerHead']}><IconButton label="Close" small onClick={() => onDrawer(null)}><X aria-hidden /></IconButton></div>
      <div className={styles['drawerBody']}>{drawer === 'threads' ? <ThreadsPanel /> : <Inspector />}</div>
    </aside>
  )
}
