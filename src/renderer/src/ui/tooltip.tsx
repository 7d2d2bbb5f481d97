import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Kbd } from './kbd.tsx'
import styles from './tooltip.module.css'

/** A hint on hover and focus. Long names and icons without words have one. */
export function Tooltip({ text, shortcut, side, children }: { text: string, shortcut?: string, side?: 'top' | 'right' | 'bottom' | 'left', children: ReactNode }) {
  return (
    <Radix.Root delayDuration={500}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles['content']} sideOffset={5} collisionPadding={8} side={side ?? 'bottom'}>
          {text}
          {shortcut && <Kbd keys={shortcut} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export const TooltipProvider = Radix.Provider
