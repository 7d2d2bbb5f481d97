import styles from './kbd.module.css'

const isMac = typeof navigator !== 'undefined' && /Mac|iP(hone|ad)/.test(navigator.userAgent)

/** A shortcut as its platform writes it; `Mod` is Ctrl, or Command on a Mac. */
export function Kbd({ keys }: { keys: string }) {
  return <kbd className={styles['kbd']}>{keys.replace('Mod', isMac ? '⌘' : 'Ctrl').replaceAll('+', ' ')}</kbd>
}
