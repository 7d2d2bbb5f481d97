import type { StructuredToolInterface } from '@langchain/core/tools'
import { calculator } from './calculator.ts'
import { currentWeather } from './current-weather.ts'
import { searchNotes } from './search-notes.ts'
import { sendEmail } from './send-email.ts'

export const tools: readonly StructuredToolInterface[] = [searchNotes, calculator, currentWeather, sendEmail]
