import { errorText } from '../../api/api-error.ts'
import { studioApi } from '../../api/studio-api.ts'
import { studioStore } from '../../app-store.ts'
import { formatDuration } from '../../lib/format-time.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import styles from './latency.module.css'

/** How long a graph's nodes take, over its newest runs, the slowest first. */
export function LatencyTable({ graphId }: { graphId: string }) {
  const { data, error } = useLoaded(graphId, () => studioApi.latency(studioStore.getState().connection, graphId))
  if (error) return <p className={styles['note']}>{errorText(error)}</p>
  if (!data || data.length === 0) return null
  return (
    <section className={styles['latency']} aria-label="How long nodes take">
      <h3>How long the nodes of {graphId} take</h3>
      <table>
        <thead><tr><th scope="col">Node</th><th scope="col">Times</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th></tr></thead>
        <tbody>{data.map(({ node, count, p50, p95, p99 }) => <tr key={node}><th scope="row">{node}</th><td>{count}</td>{[p50, p95, p99].map((ms, i) => <td key={i}>{formatDuration(ms)}</td>)}</tr>)}</tbody>
      </table>
    </section>
  )
}
