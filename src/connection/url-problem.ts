/** `error` stops the run (exit 2); `warning` is shown and goes on. */
export interface UrlProblem {
  severity: 'error' | 'warning'
  code: string
  message: string
  fix?: string | undefined
}

export interface Warning {
  code: string
  message: string
}

export function error(code: string, message: string, fix?: string): UrlProblem {
  return { severity: 'error', code, message, fix }
}

export function warning(code: string, message: string, fix?: string): UrlProblem {
  return { severity: 'warning', code, message, fix }
}
