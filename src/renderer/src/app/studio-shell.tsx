import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { Toaster } from 'sonner'
import { useStudio, useStudioActions } from '../app-store.ts'
import { AssistantsView } from '../features/assistants/index.ts'
import { InboxView, useAttention } from '../features/inbox/index.ts'
import { ConnectDialog, ConnectionBanner } from '../features/connection/index.ts'
import { useReadiness } from '../features/run/index.ts'
import { SettingsView } from '../features/settings/index.ts'
import { StoreView } from '../features/store-browser/index.ts'
import { Button } from '../ui/button.tsx'
import { FailedState, LoadingState } from '../ui/pane-state.tsx'
import { TooltipProvider } from '../ui/tooltip.tsx'
import { useTheme } from '../ui/use-theme.ts'
import { ChatFrame } from './chat-frame.tsx'
import { CommandPalette } from './command-palette.tsx'
import { Rail } from './rail.tsx'
import { StatusBar } from './status-bar.tsx'
import styles from './shell.module.css'
import type { Drawer } from './pane-drawer.tsx'
import { StudioView } from './studio-view.tsx'
import { TitleBar } from './title-bar.tsx'
import { useShortcuts } from './use-shortcuts.ts'

const TITLES = { studio: 'Studio', chat: 'Chat', inbox: 'Inbox', runs: 'Runs', crons: 'Crons', webhooks: 'Webhooks', logs: 'Logs', store: 'Memory' }
// Not on the way to the first graph: fetched when they are opened.
const CronsView = lazy(async () => ({ default: (await import('../features/crons/index.ts')).CronsView }))
const LogsView = lazy(async () => ({ default: (await import('../features/logs/index.ts')).LogsView }))
const RunsView = lazy(async () => ({ default: (await import('../features/runs/index.ts')).RunsView }))
const WebhooksView = lazy(async () => ({ default: (await import('../features/webhooks/index.ts')).WebhooksView }))

const NARROW = '(max-width: 1100px)'

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const query = matchMedia(NARROW)
    const onChange = () => setNarrow(query.matches)
    query.addEventListener('change', onChange)
    return () => query.removeEventListener('change', onChange)
  }, [])
  return narrow
}

export function StudioShell({ proposedServer }: { proposedServer: string | null }) {
  const narrow = useNarrow()
  const { shown } = useTheme()
  const view = useStudio((state) => state.selection.view)
  const status = useStudio((state) => state.connection.status)
  const { select, startRun, cancelRun } = useStudioActions()
  const readiness = useReadiness()
  const [dialog, setDialog] = useState<'palette' | 'connect' | null>(proposedServer ? 'connect' : null)
  const [drawer, setDrawer] = useState<Drawer>(null)
  const submit = useRef(() => {})
  const onSubmitReady = useCallback((ready: () => void) => { submit.current = ready }, [])
  const run = () => {
    if (view !== 'chat') select({ view: 'studio' })
    if (readiness === 'paused' || readiness === 'failed') void startRun({ input: null })
    else if (readiness === 'ready') submit.current()
  }
  // What a person has to see or answer comes to them where panes are folded away.
  useEffect(() => {
    if (narrow && (readiness === 'questions' || readiness === 'busy')) setDrawer('inspector')
  }, [narrow, readiness])
  const toggleDrawer = (wanted: Drawer) => setDrawer((current) => current === wanted ? null : wanted)
  useAttention()
  useShortcuts({
    'F5': run, 'Shift+F5': () => void cancelRun(), 'Mod+k': () => setDialog('palette'), 'n': () => select({ threadId: null, view: view === 'chat' ? 'chat' : 'studio' }), '?': () => select({ view: 'settings' }),
  })
  return (
    <TooltipProvider>
      <div className={styles['shell']}>
        <TitleBar narrow={narrow} onPalette={() => setDialog('palette')} onConnect={() => setDialog('connect')} onThreads={() => toggleDrawer('threads')} onInspector={() => toggleDrawer('inspector')} />
        <div className={styles['banner']}><ConnectionBanner /></div>
        <Rail />
        <main className={styles['main']}>
          {view !== 'settings' && view !== 'assistants' && <h1 className="visually-hidden">{TITLES[view]}</h1>}
          <Suspense fallback={<LoadingState label="Opening" />}>
            {status === 'failed' && view !== 'settings'
              ? <NoServer onConnect={() => setDialog('connect')} />
              : view === 'studio' ? <StudioView narrow={narrow} drawer={drawer} onDrawer={setDrawer} onRun={run} onSubmitReady={onSubmitReady} />
              : view === 'chat' ? <ChatFrame narrow={narrow} drawer={drawer} onDrawer={setDrawer} />
              : view === 'inbox' ? <InboxView />
              : view === 'runs' ? <RunsView />
              : view === 'crons' ? <CronsView />
              : view === 'logs' ? <LogsView />
              : view === 'webhooks' ? <WebhooksView />
              : view === 'assistants' ? <AssistantsView /> : view === 'store' ? <StoreView /> : <SettingsView />}
          </Suspense>
        </main>
        <StatusBar narrow={narrow} />
      </div>
      <CommandPalette open={dialog === 'palette'} onClose={() => setDialog(null)} onConnect={() => setDialog('connect')} onRun={run} onKeys={() => select({ view: 'settings' })} />
      {dialog === 'connect' && <ConnectDialog proposed={proposedServer} onClose={() => setDialog(null)} />}
      <Toaster theme={shown} position="bottom-right" closeButton />
    </TooltipProvider>
  )
}

function NoServer({ onConnect }: { onConnect: () => void }) {
  const { url, apiKey, headers, error } = useStudio((state) => state.connection)
  const connect = useStudio((state) => state.connect)
  return (
    <FailedState title={`No answer from ${url}`} action={<><Button kind="primary" onClick={() => void connect({ url, apiKey, headers })}>Try again</Button><Button onClick={onConnect}>Connect to another server</Button></>}>
      {error}{!window.superstep && <> Start one with <code>superstep dev</code> in a folder with a langgraph.json.</>}
    </FailedState>
  )
}
