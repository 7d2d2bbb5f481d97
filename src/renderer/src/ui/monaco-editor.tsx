import { useEffect, useRef } from 'react'
import type { CodeEditorProps } from './code-editor.tsx'
import { applyTheme, monaco, setSchema } from './monaco.ts'

let count = 0

/** One Monaco editor on a JSON text of its own. The text outside wins when it differs from what was typed last. */
export function MonacoEditor(props: CodeEditorProps) {
  const { value, schema, readOnly, ariaLabel } = props
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<monaco.editor.IStandaloneCodeEditor | null>(null)
  const latest = useRef(props)
  latest.current = props
  /** Texts told to the outside that have not come back yet: an older one coming back is no change from outside. */
  const told = useRef<string[]>([])
  const uri = useRef(`inmemory://superstep/${++count}.json`)

  useEffect(() => {
    applyTheme()
    const model = monaco.editor.createModel(latest.current.value, 'json', monaco.Uri.parse(uri.current))
    const created = monaco.editor.create(host.current!, {
      model, theme: 'superstep', automaticLayout: true, minimap: { enabled: false }, scrollBeyondLastLine: false, fontFamily: 'JetBrains Mono Variable, monospace', fontSize: 13, lineHeight: 20,
      lineNumbersMinChars: 3, folding: true, renderLineHighlight: 'line', overviewRulerLanes: 0, hideCursorInOverviewRuler: true, tabSize: 2, padding: { top: 8, bottom: 8 }, fixedOverflowWidgets: true,
      scrollbar: { alwaysConsumeMouseWheel: false, verticalScrollbarSize: 10, horizontalScrollbarSize: 10 }, wordWrap: 'on', stickyScroll: { enabled: false }, quickSuggestions: { strings: true, other: true, comments: false },
      unicodeHighlight: { ambiguousCharacters: false }, maxTokenizationLineLength: 20_000, tabFocusMode: false,
    })
    editor.current = created
    // Commands of Monaco are global, and the editor made last would have them: keys are taken where they are pressed.
    const keys = created.onKeyDown((event) => {
      const hasModifier = event.ctrlKey || event.metaKey
      const action = hasModifier && event.keyCode === monaco.KeyCode.Enter ? latest.current.onSubmit : hasModifier && event.keyCode === monaco.KeyCode.KeyS ? latest.current.onSave : undefined
      if (!action) return
      event.preventDefault()
      event.stopPropagation()
      action()
    })
    const typing = created.onDidChangeModelContent(() => {
      const text = created.getValue()
      told.current.push(text)
      latest.current.onChange?.(text)
    })
    const markers = monaco.editor.onDidChangeMarkers((uris) => {
      if (!uris.some((changed) => changed.toString() === model.uri.toString())) return
      latest.current.onProblems?.(monaco.editor.getModelMarkers({ resource: model.uri }).map(({ startLineNumber, message, severity }) => ({ line: startLineNumber, message, isError: severity === monaco.MarkerSeverity.Error })))
    })
    const address = uri.current
    return () => {
      keys.dispose()
      typing.dispose()
      markers.dispose()
      created.dispose()
      model.dispose()
      setSchema(address, undefined)
    }
  }, [])

  useEffect(() => {
    const known = told.current.lastIndexOf(value)
    if (known >= 0) told.current.splice(0, known + 1)
    else if (editor.current && editor.current.getValue() !== value) {
      editor.current.setValue(value)
      told.current = []
    }
  }, [value])
  useEffect(() => setSchema(uri.current, schema ?? undefined), [schema])
  useEffect(() => editor.current?.updateOptions({ readOnly: readOnly ?? false, ariaLabel, domReadOnly: readOnly ?? false }), [readOnly, ariaLabel])

  return <div ref={host} style={{ width: '100%', height: '100%' }} />
}
