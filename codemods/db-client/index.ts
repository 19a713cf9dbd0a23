export { editClient } from './edit.ts'
export { mattersToTests, strayClient } from './follows.ts'
export { type ClientAdapter, readAdapter } from './read-adapter.ts'
export { clientSnippet } from './snippet.ts'
