import { ChevronDown, FolderOpen, Sparkles } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStudio } from '../../app-store.ts'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import styles from './connection.module.css'

type Recents = Awaited<ReturnType<NonNullable<typeof window.superstep>['recents']>>

/** The open project. In the desktop app it leads to others: the window moves on to what is chosen. */
export function ProjectMenu() {
  const project = useStudio((state) => state.connection.project)
  const [recents, setRecents] = useState<Recents>([])
  const bridge = window.superstep
  useEffect(() => {
    void bridge?.recents().then(setRecents, () => setRecents([]))
  }, [bridge])
  if (!project) return null
  if (!bridge) return <span className={styles['project']} title={project.folder}>{project.name}</span>
  const items: MenuItem[] = [
    { id: 'open', label: 'Open folder…', icon: <FolderOpen aria-hidden />, onSelect: () => void bridge.pickFolder() },
    { id: 'demo', label: 'Explore the demo', icon: <Sparkles aria-hidden />, onSelect: () => void bridge.openDemo() },
    ...recents.map(({ name, folder }, i): MenuItem => ({ id: folder, label: name, hint: folder, separated: i === 0, ...(i === 0 ? { group: 'Recent' } : {}), onSelect: () => void bridge.openRecent(folder) })),
  ]
  return <Menu trigger={<button type="button" className={styles['project']} title={project.folder}>{project.name}<ChevronDown aria-hidden width={13} height={13} /></button>} items={items} />
}
