import { useSyncExternalStore } from 'react'
import { currentTheme, onTheme, type Theme } from '../lib/theme.ts'

export const useTheme = (): Theme => useSyncExternalStore(onTheme, currentTheme)
