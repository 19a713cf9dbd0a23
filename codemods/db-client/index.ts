export { editClient } from './edit.ts'
export { type ClientReport, readClient } from './report.ts'
export { clientSnippet } from './snippet.ts'
