import { MoonStar, PanelLeft, PanelRight, Search, Sun } from 'lucide-react'
import { useStudio } from '../app-store.ts'
import { AssistantPicker, GraphPicker } from '../features/assistants/index.ts'
import { ConnectionBadge, ProjectMenu } from '../features/connection/index.ts'
import { applyTheme } from '../lib/theme.ts'
import { IconButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { useTheme } from '../ui/use-theme.ts'
import { Logo } from './logo.tsx'
import styles from './shell.module.css'

interface TitleBarProps {
  readonly narrow: boolean
  onPalette(): void
  onConnect(): void
  onThreads(): void
  onInspector(): void
}

export function TitleBar({ narrow, onPalette, onConnect, onThreads, onInspector }: TitleBarProps) {
  const hasProject = useStudio((state) => state.connection.project !== null)
  const view = useStudio((state) => state.selection.view)
  const folds = narrow && view === 'studio'
  return (
    <header className={styles['title']}>
      <div className={styles['brand']}>
        <Logo size={18} className={styles['logo']} />
        {folds && <IconButton label="Threads" small onClick={onThreads}><PanelLeft aria-hidden /></IconButton>}
        <ProjectMenu />
        {hasProject && <span className={styles['slash']} aria-hidden>/</span>}
        <GraphPicker />
        <AssistantPicker />
      </div>
      <button type="button" className={styles['palette']} onClick={onPalette} aria-label="Search threads and commands">
        <Search aria-hidden />
        <span>Search threads, commands</span>
        <Kbd keys="Mod+K" />
      </button>
      <div className={styles['right']}>
        <ConnectionBadge onOpen={onConnect} />
        <ThemeButton />
        {folds && <IconButton label="Inspector" small onClick={onInspector}><PanelRight aria-hidden /></IconButton>}
      </div>
    </header>
  )
}

function ThemeButton() {
  const { shown } = useTheme()
  const next = shown === 'dark' ? 'light' : 'dark'
  return <IconButton label={`Switch to ${next} colours`} onClick={() => applyTheme(next)}>{shown === 'dark' ? <MoonStar aria-hidden /> : <Sun aria-hidden />}</IconButton>
}
