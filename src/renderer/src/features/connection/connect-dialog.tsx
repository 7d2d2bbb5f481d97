import { useState } from 'react'
import { toast } from 'sonner'
import { normaliseUrl } from '../../api/connection-target.ts'
import { loadKey, rememberServer, saveKey } from '../../api/key-ring.ts'
import { useStudio, useStudioActions } from '../../app-store.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import styles from './connection.module.css'

interface ConnectProps {
  /** Named by a link: nothing is sent there before the person agrees. */
  readonly proposed?: string | null
  onClose(): void
}

/** Connects to any Agent Server. In a browser the key lives as long as the tab; the desktop keeps it in the keychain. */
export function ConnectDialog({ proposed, onClose }: ConnectProps) {
  const ownUrl = useStudio((state) => state.connection.url)
  const { connect } = useStudioActions()
  const [url, setUrl] = useState(proposed ?? ownUrl)
  const [apiKey, setApiKey] = useState('')
  const target = normaliseUrl(url)
  const submit = async () => {
    if (!target) return
    onClose()
    const key = apiKey.trim() || await loadKey(target)
    if (apiKey.trim() && await saveKey(target, apiKey.trim()) === 'memory') toast.info('This machine offers no keychain: the key is kept until the app quits.')
    rememberServer(target)
    history.replaceState(null, '', `${location.pathname}?server=${encodeURIComponent(target)}${location.hash}`)
    await connect({ url: target, apiKey: key, headers: {} })
  }
  const text = proposed ? 'The link that you opened names this server. What you type and run would go there. Connect only if you know it.' : 'Any Agent Server: another Superstep, langgraph dev, or a deployment.'
  return (
    <Dialog
      open title={proposed ? 'Connect to this server?' : 'Connect to a server'} text={text} onClose={onClose}
      actions={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={!target} onClick={() => void submit()}>Connect</Button></>}
    >
      <form className={styles['form']} onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}>
        <Field label="Address" htmlFor="connect-url" error={url.trim() && !target ? 'This is no address. For example: http://localhost:2024' : null}>
          <TextInput id="connect-url" value={url} placeholder="http://localhost:2024" onChange={(event) => setUrl(event.target.value)} />
        </Field>
        <Field label="API key" badge="optional" htmlFor="connect-key" hint={window.superstep ? 'Sent as x-api-key to this server only. Kept in the keychain.' : 'Sent as x-api-key to this server only. It is forgotten when the tab closes.'}>
          <TextInput id="connect-key" type="password" value={apiKey} onChange={(event) => setApiKey(event.target.value)} />
        </Field>
        <button type="submit" hidden aria-label="Connect" />
      </form>
    </Dialog>
  )
}
