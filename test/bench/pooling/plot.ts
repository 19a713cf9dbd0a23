import type { Row } from './measure.ts'
export function plot(_rows: Row[]): string {
  return ''
}
