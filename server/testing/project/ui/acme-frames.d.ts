/** What a page shares with components. */
declare module '@acme/frames' {
  import type { FunctionComponent, PropsWithChildren } from 'react'
  export const Frame: FunctionComponent<PropsWithChildren>
  export function heading(text: string): string
}
