import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'danger' | 'plain'
  readonly small?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ kind, small, className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={classNames(styles['button'], kind && styles[kind], small && styles['small'], className)} />
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does: read to screen readers and shown on hover. */
  readonly label: string
  readonly shortcut?: string
  readonly small?: boolean
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function IconButton({ label, shortcut, small, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} {...(shortcut ? { shortcut } : {})}>
      <button type="button" aria-label={label} {...rest} className={classNames(styles['icon'], small && styles['iconSmall'], className)} />
    </Tooltip>
  )
}
