/** A file that pages load. `hash` changes with its text. */
export interface UiFile { readonly type: string, readonly text: string, readonly hash: string }

export const UI_SCRIPT = 'entrypoint.js'
export const UI_STYLES = 'entrypoint.css'

export interface UiBundle {
  /** The script's name for itself in a page. */
  readonly global: string
  /** By name: the script, and the styles where there are any. */
  readonly files: ReadonlyMap<string, UiFile>
}

/** Builds the components that a project's graphs show (wire reference §1.9). They are built and never run here. */
export interface UiBundler {
  /** What `ui` of langgraph.json names. */
  readonly keys: ReadonlySet<string>
  /** As the sources of one of the keys are now. Rejects with a `PlatformError` that names file, line and column when they can't be built. */
  bundle(key: string): Promise<UiBundle>
  stop(): Promise<void>
}
