import { UI_STYLES, type UiBundler, type UiFile } from '../engine/ui-bundler.ts'
import { PlatformError } from '../errors.ts'
import type { AssistantService } from './assistant-service.ts'

/** What a page needs to show a component. */
export interface UiComponent { readonly key: string, readonly global: string, readonly hasStyles: boolean }

export interface UiService {
  /** `ref` is a key of `ui` in langgraph.json, or an assistant whose graph is named like one. */
  component(ref: string): Promise<UiComponent>
  file(key: string, name: string): Promise<UiFile>
}

/** `ui` is null where the project has no components. */
export function createUiService({ assistants, ui }: { assistants: AssistantService, ui: UiBundler | null }): UiService {
  const keys = ui?.keys ?? new Set<string>()

  /** One answer for all that has none: it does not tell which assistants there are. */
  function bundleOf(ref: string, key: string | undefined) {
    if (ui && key !== undefined && keys.has(key)) return ui.bundle(key)
    throw new PlatformError('ui_not_found', `There are no components for ${JSON.stringify(ref)}. ui in langgraph.json has: ${[...keys].join(', ') || 'nothing'}.`)
  }

  return {
    component: async (ref) => {
      const key = keys.has(ref) ? ref : assistants.find(ref)?.graph_id
      const { global, files } = await bundleOf(ref, key)
      return { key: key!, global, hasStyles: files.has(UI_STYLES) }
    },
    file: async (key, name) => {
      const file = (await bundleOf(key, key)).files.get(name)
      if (!file) throw new PlatformError('ui_not_found', `ui.${key} has no file ${JSON.stringify(name.slice(0, 100))}.`)
      return file
    },
  }
}
