import { tool } from '@langchain/core/tools'
import { z } from 'zod'

const WEATHER: Readonly<Record<string, string>> = {
  berlin: '11 °C and cloudy',
  lisbon: '22 °C and sunny',
  london: '13 °C with light rain',
  nairobi: '24 °C and bright',
  'new york': '16 °C and windy',
  tokyo: '18 °C and clear',
}

export const WEATHER_CITIES: readonly string[] = Object.keys(WEATHER)

export const currentWeather = tool(({ city }) => {
  const weather = WEATHER[city.toLowerCase()]
  return weather ? `${city}: ${weather}` : `There is no weather for ${city}. Known cities: ${WEATHER_CITIES.join(', ')}.`
}, {
  name: 'current_weather',
  description: 'Tells the weather of a city.',
  schema: z.object({ city: z.string() }),
})
