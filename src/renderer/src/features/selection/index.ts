export { createSelectionSlice, type Selection, type SelectionSlice, type View } from './selection-slice.ts'
export { fromHash, toHash } from './selection-hash.ts'
