export { WebhooksView } from './webhooks-view.tsx'
