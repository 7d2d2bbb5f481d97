import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

/** The six-digit colours of a theme by name, as `#rrggbb`. */
function coloursOf(theme: string): ReadonlyMap<string, string> {
  const [, block = ''] = new RegExp(`\\[data-theme="${theme}"\\] \\{([^}]*)\\}`).exec(css) ?? []
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const SURFACES = ['bg-0', 'bg-1', 'bg-2', 'bg-3']
const TEXTS = ['ink-1', 'ink-2', 'ink-3', 'accent', 'ok', 'warn', 'err', 'busy', 'fork']

test.each(['dark', 'light'])('all text of the %s theme has the contrast of level AA on every surface', (theme) => {
  const colours = coloursOf(theme)
  const pairs = [...SURFACES.flatMap((surface) => TEXTS.map((text) => [text, surface] as const)), ['accent-ink', 'accent'] as const]
  const weak = pairs.filter(([text, surface]) => !(contrast(colours.get(text)!, colours.get(surface)!) >= 4.5))
  expect([pairs.length, weak]).toEqual([37, []])
})
