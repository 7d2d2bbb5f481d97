import { readStored, writeStored } from './local-storage.ts'

export type ThemeChoice = 'system' | 'dark' | 'light'

/** What was chosen, and what that looks like now. */
export interface Theme { readonly choice: ThemeChoice, readonly shown: 'dark' | 'light' }

const KEY = 'superstep:theme'
const CHOICES: readonly ThemeChoice[] = ['system', 'dark', 'light']
const listeners = new Set<() => void>()
let theme: Theme = { choice: 'system', shown: 'dark' }

const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)')
const kept = (): ThemeChoice => CHOICES.find((choice) => choice === readStored(KEY)) ?? 'system'

function show(choice: ThemeChoice): void {
  const shown = choice === 'system' ? systemIsDark().matches ? 'dark' : 'light' : choice
  document.documentElement.dataset['theme'] = shown
  if (theme.choice === choice && theme.shown === shown) return
  theme = { choice, shown }
  for (const listener of listeners) listener()
}

/** Shows the kept choice, and follows the system and other windows from now on. Once, before the first render. */
export function startTheme(): void {
  systemIsDark().addEventListener('change', () => show(theme.choice))
  addEventListener('storage', ({ key }) => key === KEY && show(kept()))
  show(kept())
}

export function applyTheme(choice: ThemeChoice): void {
  writeStored(KEY, choice)
  show(choice)
}

/** Calls after every change. Returns a stop. */
export const onTheme = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const currentTheme = (): Theme => theme
