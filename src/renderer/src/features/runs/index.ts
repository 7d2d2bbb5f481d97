export { RunsView } from './runs-view.tsx'
