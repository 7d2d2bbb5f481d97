import { dialog, type BrowserWindow } from 'electron'
import type { TrustQuestion } from './open-project.ts'

/** The folder that a person chose, or null. */
export async function askForFolder(window: BrowserWindow): Promise<string | null> {
  const { filePaths } = await dialog.showOpenDialog(window, { title: 'Open a LangGraph project', buttonLabel: 'Open', properties: ['openDirectory'] })
  return filePaths[0] ?? null
}

export async function askForTrust(window: BrowserWindow, { message, detail, accept, decline }: TrustQuestion): Promise<boolean> {
  // Enter and Escape both decline: running foreign code takes a deliberate click.
  const { response } = await dialog.showMessageBox(window, { type: 'warning', message, detail, buttons: [decline, accept], defaultId: 0, cancelId: 0, noLink: true })
  return response === 1
}

export async function tellProblem(window: BrowserWindow, detail: string): Promise<void> {
  await dialog.showMessageBox(window, { type: 'error', message: 'This project can\'t be opened', detail, buttons: ['OK'] })
}
