import { studioStore } from '../app-store.ts'

/** The desktop supervises the embedded server: when it is back, the Studio is too; until then it says what goes on. */
export function followDesktop(): void {
  window.superstep?.onServerState((state) => {
    const { connection, connect } = studioStore.getState()
    const isOwn = connection.url === '' || connection.url === location.origin
    if (!isOwn) return
    if (state.status === 'restarting' || state.status === 'failed') studioStore.setState({ connection: { ...connection, status: 'lost', error: state.message } })
    if (state.status !== 'running' || connection.status === 'ready') return
    void window.superstep?.connection().then((own) => own && connect({ url: own.url, apiKey: own.token, headers: {} }))
  })
}
