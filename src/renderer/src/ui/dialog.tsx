import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import styles from './dialog.module.css'

interface DialogProps {
  readonly open: boolean
  readonly title: string
  readonly text?: string
  readonly wide?: boolean
  readonly children?: ReactNode
  readonly actions?: ReactNode
  onClose(): void
}

/** Focus is kept inside and given back; Escape closes. */
export function Dialog({ open, title, text, wide, children, actions, onClose }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(isOpen) => isOpen || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles['overlay']} />
        <Radix.Content className={classNames(styles['content'], wide && styles['wide'])} {...(text ? {} : { 'aria-describedby': undefined })}>
          <Radix.Title className={styles['title']}>{title}</Radix.Title>
          {text && <Radix.Description className={styles['text']}>{text}</Radix.Description>}
          {children}
          {actions && <div className={styles['actions']}>{actions}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface ConfirmProps { readonly open: boolean, readonly title: string, readonly text: string, readonly confirm: string, onConfirm(): void, onClose(): void }

/** Asks before something that can't be taken back. */
export function ConfirmDialog({ open, title, text, confirm, onConfirm, onClose }: ConfirmProps) {
  const act = () => {
    onClose()
    onConfirm()
  }
  return <Dialog open={open} title={title} text={text} onClose={onClose} actions={<><Button onClick={onClose}>Cancel</Button><Button kind="danger" onClick={act}>{confirm}</Button></>} />
}
