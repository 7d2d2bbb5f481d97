export { CronsView } from './crons-view.tsx'
