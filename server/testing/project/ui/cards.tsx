import { useState } from 'react'
import { useStreamContext } from '@langchain/langgraph-sdk/react-ui'
import { Frame, heading } from '@acme/frames'
import './cards.css'
import styles from './forecast.module.css'

function Forecast({ city, degrees }: { city: string, degrees?: number }) {
  const [isOpen, setOpen] = useState(false)
  const { values, meta } = useStreamContext<{ messages: unknown[] }>()
  return (
    <Frame>
      <h2 className="city">{heading(city)}</h2>
      <p className={styles['degrees']}>{degrees === undefined ? 'looking …' : `${degrees} degrees`}</p>
      <button type="button" onClick={() => setOpen(!isOpen)}>More</button>
      {isOpen && <p className="more">{`${values.messages.length} messages, asked by ${String(meta)}`}</p>}
    </Frame>
  )
}

function Waiting() {
  return <p>Waiting</p>
}

export default { forecast: Forecast, 'waiting-room': Waiting }
