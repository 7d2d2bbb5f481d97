export { StoreView } from './store-view.tsx'
