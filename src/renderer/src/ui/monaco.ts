import 'monaco-editor/features/register.all'
import * as json from 'monaco-editor/languages/features/json/register'
import * as monaco from 'monaco-editor/editor'
// Vite has to bundle the workers by name: Monaco's own addresses for them lead nowhere in a build.
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import JsonWorker from 'monaco-editor/language/json/json.worker?worker'

self.MonacoEnvironment = { getWorker: (_id: string, label: string) => label === 'json' ? new JsonWorker() : new EditorWorker() }

/** JSON schemas by the address of the text they check. */
const schemas = new Map<string, unknown>()

export function setSchema(uri: string, schema: unknown): void {
  // Every call starts the worker anew, and what it was just telling is lost.
  if (JSON.stringify(schemas.get(uri)) === JSON.stringify(schema)) return
  if (schema === undefined) schemas.delete(uri)
  else schemas.set(uri, schema)
  json.jsonDefaults.setDiagnosticsOptions({
    validate: true, allowComments: false, enableSchemaRequest: false,
    schemas: [...schemas].map(([address, content]) => ({ uri: `${address}.schema`, fileMatch: [address], schema: content })),
  })
}

const color = (name: string): string => {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  // Monaco reads six or eight hex digits only.
  return /^#[0-9a-f]{3}$/i.test(value) ? `#${Array.from(value.slice(1), (digit) => digit + digit).join('')}` : value
}

/** The editor in the Studio's own colours, read from the tokens of the current theme. */
export function applyTheme(): void {
  const isDark = document.documentElement.dataset['theme'] !== 'light'
  monaco.editor.defineTheme('superstep', {
    base: isDark ? 'vs-dark' : 'vs', inherit: true,
    rules: [
      { token: 'string.key.json', foreground: color('--ink-2').slice(1) }, { token: 'string.value.json', foreground: color('--ok').slice(1) },
      { token: 'number.json', foreground: color('--accent').slice(1) }, { token: 'keyword.json', foreground: color('--fork').slice(1) },
    ],
    colors: {
      'editor.background': color('--bg-2'), 'editor.foreground': color('--ink-1'), 'editorLineNumber.foreground': color('--ink-3'), 'editorLineNumber.activeForeground': color('--ink-1'),
      'editor.lineHighlightBackground': color('--bg-3'), 'editorWidget.background': color('--bg-1'), 'editorWidget.border': color('--line-2'), 'focusBorder': color('--accent'),
      'editorSuggestWidget.selectedBackground': color('--bg-3'), 'editorIndentGuide.background1': color('--line'), 'scrollbar.shadow': '#00000000',
    },
  })
  monaco.editor.setTheme('superstep')
}

new MutationObserver(applyTheme).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })

export { monaco }
