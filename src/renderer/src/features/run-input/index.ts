export { RunInputPanel } from './run-input-panel.tsx'
export { SchemaForm } from './schema-form.tsx'
