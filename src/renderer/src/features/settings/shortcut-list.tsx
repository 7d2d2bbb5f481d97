import { Kbd } from '../../ui/kbd.tsx'
import styles from './settings.module.css'

/** Keys, each on its own, and what they do. */
const SHORTCUTS: readonly (readonly [readonly string[], string])[] = [
  [['F5'], 'Run, or go on from where it stopped'],
  [['Shift+F5'], 'Stop the run'],
  [['Mod+K'], 'Find threads and commands'],
  [['Mod+Enter'], 'Submit the input, from inside it'],
  [['Mod+S'], 'Save an assistant or a memory item'],
  [['N'], 'New thread'],
  [['J', 'K'], 'Next and previous thread, in the list'],
  [['←', '→', 'Home', 'End'], 'Walk through the history'],
  [['B', 'Shift+B'], 'Breakpoint before and after the focused node'],
  [['Escape'], 'Leave a text editor, so that Tab moves on'],
  [['?'], 'This list'],
]

export function ShortcutList() {
  return (
    <ul className={styles['keys']}>
      {SHORTCUTS.map(([keys, text]) => (
        <li key={text}>
          <span>{text}</span>
          <span className={styles['combination']}>{keys.map((key) => <Kbd key={key} keys={key} />)}</span>
        </li>
      ))}
    </ul>
  )
}
