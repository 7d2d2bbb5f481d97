import { toast } from 'sonner'

/** Copies, and says so when the browser does not let it (plain http from another host, or denied). */
export function copyText(text: string): void {
  const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('There is no clipboard here.'))
  done.catch(() => toast.error('The browser does not allow copying here.'))
}
