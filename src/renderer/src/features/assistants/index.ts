export { AssistantPicker, GraphPicker } from './assistant-picker.tsx'
export { createAssistantsSlice, type AssistantsSlice } from './assistants-slice.ts'
export { AssistantsView } from './assistants-view.tsx'
