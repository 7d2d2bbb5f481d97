import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { readPrices, writePrices, type Price } from '../../lib/prices.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { TextInput } from '../../ui/field.tsx'
import styles from './settings.module.css'

/** What models cost. Nobody's list is shipped: prices change, and differ by contract. */
export function PricesSetting() {
  const [prices, setPrices] = useState(readPrices)
  const put = (next: readonly Price[]) => {
    setPrices(next)
    writePrices(next)
  }
  const change = (at: number, change_: Partial<Price>) => put(prices.with(at, { ...prices[at]!, ...change_ }))
  return (
    <>
      {prices.length > 0 && (
        <table className={styles['prices']}>
          <thead><tr><th scope="col">Part of the model's name</th><th scope="col">A million tokens in</th><th scope="col">and out</th><th><span className="visually-hidden">Remove</span></th></tr></thead>
          <tbody>
            {prices.map(({ pattern, input, output }, at) => (
              <tr key={at}>
                <td><TextInput aria-label={`Model ${at + 1}`} value={pattern} onChange={(event) => change(at, { pattern: event.target.value })} /></td>
                <td><TextInput type="number" min="0" step="any" aria-label={`Price in ${at + 1}`} value={input} onChange={(event) => change(at, { input: Math.max(0, Number(event.target.value) || 0) })} /></td>
                <td><TextInput type="number" min="0" step="any" aria-label={`Price out ${at + 1}`} value={output} onChange={(event) => change(at, { output: Math.max(0, Number(event.target.value) || 0) })} /></td>
                <td><IconButton label={`Remove price ${at + 1}`} small onClick={() => put(prices.toSpliced(at, 1))}><Trash2 aria-hidden /></IconButton></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div><Button small onClick={() => put([...prices, { pattern: '', input: 0, output: 0 }])}><Plus aria-hidden />Add a price</Button></div>
      <p className={styles['hint']}>With a price, traces tell what a run cost. The longest name that fits counts. The list is kept in this browser.</p>
    </>
  )
}
