import { Check } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { Fragment, type ReactNode } from 'react'
import { classNames } from './class-names.ts'
import styles from './menu.module.css'

export interface MenuItem {
  readonly id: string
  readonly label: string
  readonly hint?: string
  readonly icon?: ReactNode
  /** Given: the item is one of a choice, or a switch. */
  readonly checked?: boolean
  readonly danger?: boolean
  readonly disabled?: boolean
  /** A heading above this item. */
  readonly group?: string
  readonly separated?: boolean
  /** The menu stays open, for switches. */
  readonly stay?: boolean
  onSelect(): void
}

export function Menu({ trigger, items, align }: { trigger: ReactNode, items: readonly MenuItem[], align?: 'start' | 'end' }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={styles['content']} align={align ?? 'start'} sideOffset={4} collisionPadding={8}>
          {items.map((item) => (
            <Fragment key={item.id}>
              {item.separated && <DropdownMenu.Separator className={styles['separator']} />}
              {item.group && <DropdownMenu.Label className={styles['label']}>{item.group}</DropdownMenu.Label>}
              <MenuRow item={item} />
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function MenuRow({ item }: { item: MenuItem }) {
  const content = (
    <>
      {item.checked !== undefined && <span className={styles['check']}>{item.checked && <Check aria-hidden />}</span>}
      {item.icon}
      <span className={styles['text']} title={item.label}>{item.label}</span>
      {item.hint && <span className={styles['hint']}>{item.hint}</span>}
    </>
  )
  const className = classNames(styles['item'], item.danger && styles['danger'])
  const select = (event: Event) => {
    if (item.stay) event.preventDefault()
    item.onSelect()
  }
  if (item.checked !== undefined)
    return <DropdownMenu.CheckboxItem className={className} checked={item.checked} disabled={item.disabled ?? false} onSelect={select}>{content}</DropdownMenu.CheckboxItem>
  return <DropdownMenu.Item className={className} disabled={item.disabled ?? false} onSelect={select}>{content}</DropdownMenu.Item>
}
