import { Group, Panel, Separator } from 'react-resizable-panels'
import { useStudio } from '../app-store.ts'
import { GraphView } from '../features/graph-view/index.ts'
import { HistoryStrip } from '../features/history/index.ts'
import { Inspector } from '../features/inspector/index.ts'
import { RunToolbar } from '../features/run/index.ts'
import { RunInputPanel } from '../features/run-input/index.ts'
import { ThreadsPanel } from '../features/threads/index.ts'
import { PaneDrawer, type Drawer } from './pane-drawer.tsx'
import { rememberLayout, storedLayout } from './pane-layout.ts'
import styles from './shell.module.css'

interface StudioViewProps {
  readonly narrow: boolean
  readonly drawer: Drawer
  onDrawer(drawer: Drawer): void
  onRun(): void
  onSubmitReady(submit: () => void): void
}

/** Four poles, always in the same place: threads, the graph with time under it, and what is looked at. */
export function StudioView({ narrow, drawer, onDrawer, onRun, onSubmitReady }: StudioViewProps) {
  const centre = <Centre onRun={onRun} onSubmitReady={onSubmitReady} />
  if (narrow) {
    return (
      <div className={styles['centre']}>
        {centre}
        <PaneDrawer drawer={drawer} onDrawer={onDrawer} />
      </div>
    )
  }
  return (
    <Group orientation="horizontal" id="studio" defaultLayout={storedLayout('studio', { threads: 18, centre: 52, inspector: 30 })} onLayoutChanged={(layout) => rememberLayout('studio', layout)}>
      <Panel id="threads" minSize="180px" maxSize="420px"><ThreadsPanel /></Panel>
      <Separator className={styles['split'] ?? ''} />
      <Panel id="centre" minSize="380px">{centre}</Panel>
      <Separator className={styles['split'] ?? ''} />
      <Panel id="inspector" minSize="300px" maxSize="60%"><Inspector /></Panel>
    </Group>
  )
}

function Centre({ onRun, onSubmitReady }: Pick<StudioViewProps, 'onRun' | 'onSubmitReady'>) {
  const hasHistory = useStudio((state) => state.selection.threadId !== null)
  return (
    <div className={styles['centre']}>
      <RunToolbar onRun={onRun} />
      <Group orientation="vertical" id="centre" className={styles['canvas'] ?? ''} defaultLayout={storedLayout('centre', { canvas: 80, history: 20 })} onLayoutChanged={(layout) => rememberLayout('centre', layout)}>
        <Panel id="canvas" minSize="120px"><div className={styles['centre']}><GraphView /><RunInputPanel onSubmitReady={onSubmitReady} /></div></Panel>
        {hasHistory && <Separator className={styles['splitRow'] ?? ''} />}
        {hasHistory && <Panel id="history" minSize="92px" maxSize="60%"><HistoryStrip /></Panel>}
      </Group>
    </div>
  )
}
