import type { UrlProblem } from './types.ts'

export function error(code: string, message: string, fix?: string): UrlProblem {
  return { severity: 'error', code, message, fix }
}

export function warning(code: string, message: string, fix?: string): UrlProblem {
  return { severity: 'warning', code, message, fix }
}
