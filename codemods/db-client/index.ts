export { editClient } from './edit.ts'
export { hasAdapter } from './has-adapter.ts'
export { clientSnippet } from './snippet.ts'
