import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './ui/tokens.css'
import './ui/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { studioStore } from './app-store.ts'
import { fillStore } from './app/fill-store.ts'
import { followDesktop } from './app/follow-desktop.ts'
import { findServer } from './app/find-server.ts'
import { followSelection, openThread } from './app/follow-selection.ts'
import { StudioShell } from './app/studio-shell.tsx'
import { startTheme } from './lib/theme.ts'

startTheme()
fillStore()
followSelection()
followDesktop()
const { target, proposed } = await findServer()
createRoot(document.getElementById('root')!).render(<StrictMode><StudioShell proposedServer={proposed} /></StrictMode>)
await studioStore.getState().connect(target)
// A link may have named a thread: it is read once it is known where from.
openThread(studioStore.getState())
