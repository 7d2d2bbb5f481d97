import { AIMessage } from '@langchain/core/messages'
import { typedUi, uiMessageReducer, type RemoveUIMessage, type UIMessage } from '@langchain/langgraph-sdk/react-ui/server'
import { Annotation, END, MessagesAnnotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph'
import type cards from './ui/cards.tsx'

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  ui: Annotation<UIMessage[], UIMessage | RemoveUIMessage | (UIMessage | RemoveUIMessage)[]>({ reducer: uiMessageReducer, default: () => [] }),
})

/** Shows a card as soon as it knows the city, fills it in, and takes away what said that it was looking. */
export const forecast = new StateGraph(State)
  .addNode('show', (state, config: LangGraphRunnableConfig) => {
    const city = String(state.messages.at(-1)?.content)
    const ui = typedUi<typeof cards>(config)
    const message = new AIMessage({ id: `about-${city}`, content: `The weather in ${city}` })
    const waiting = ui.push({ name: 'waiting-room', props: {} })
    const card = ui.push({ id: `card-${city}`, name: 'forecast', props: { city } }, { message })
    ui.push({ id: card.id, name: 'forecast', props: { degrees: 21 } }, { message, merge: true })
    ui.delete(waiting.id)
    return { messages: [message] }
  })
  .addEdge(START, 'show')
  .addEdge('show', END)
  .compile()
