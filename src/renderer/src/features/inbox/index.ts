export { createInboxSlice, type InboxSlice } from './inbox-slice.ts'
export { InboxView } from './inbox-view.tsx'
export { setNotices, useAttention, wantsNotices } from './use-attention.ts'
