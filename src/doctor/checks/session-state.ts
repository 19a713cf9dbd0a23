import type { Node } from '@babel/types'
import { methodCalls } from '../../../codemods/audit/module.ts'
import { sourceOf } from '../../../codemods/module/ast.ts'
import { param } from '../../connection/connection-string.ts'
import type { AuditedFile, Facts, SourceCheck } from '../types.ts'

const RAW = new Set(['$queryRaw', '$queryRawUnsafe', '$executeRaw', '$executeRawUnsafe'])

const WITH_DRIVER = new Set([...RAW, 'query'])

const STATES = [
  {
    what: 'a setting of the session (SET)',
    pattern: /^\W*SET\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)(?:SESSION\s+)?\w/i,
    fix: 'Set it for one transaction, SET LOCAL within db.$transaction, or for the role: ALTER ROLE … SET ….',
  },
  {
    what: 'a subscription (LISTEN)',
    pattern: /^\W*(?:UN)?LISTEN\s/i,
    fix: 'Listen on a separate connection to the direct URL, with a driver such as pg.',
  },
  {
    what: "a lock of the session's (pg_advisory_lock)",
    pattern: /\bpg_(?:try_)?advisory_(?:lock|unlock)/i,
    fix: 'Lock for one transaction: pg_advisory_xact_lock within db.$transaction.',
  },
  {
    what: 'a setting of the session (set_config)',
    pattern: /\bset_config\s*\([^)]*,\s*false\s*\)/i,
    fix: 'Pass true as its third argument and call it within db.$transaction.',
  },
]

/** https://www.pgbouncer.org/features.html */
export const sessionState: SourceCheck = {
  code: 'session-state',
  title: 'A query sets something that lives in its session',
  why: 'A pool sends the next query through any of its connections, with or without that setting.',
  fix: 'Keep it within one transaction (SET LOCAL, pg_advisory_xact_lock), or use a separate connection.',
  mentions: ['Raw', "'pg'", '"pg"'],
  run(file, facts) {
    const where = isPooled(facts) ? POOLED : ({ severity: 'warning' } as const)
    return methodCalls(file.scan, isDriver(file, facts) ? WITH_DRIVER : RAW).flatMap(({ node, arguments: [sql] }) => {
      const text = sql ? sqlOf(file, sql) : null
      const state = text === null ? undefined : STATES.find(({ pattern }) => pattern.test(text))
      if (!state) return []
      return [{ ...where, ...file.at(node), detail: `This is ${state.what}.`, fix: state.fix }]
    })
  },
}

const POOLED = {
  severity: 'error',
  why: 'Through the transaction pooler it stays on a connection that other clients get next.',
} as const

function isPooled({ runtime }: Facts): boolean {
  const { role, kind, mode } = runtime?.recognised ?? {}
  const isFlagged = runtime?.url != null && param(runtime.url, 'pgbouncer') === 'true'
  return isFlagged || (role === 'pooled' && kind === 'postgresql' && mode !== 'session')
}

/** `pg` by itself, on the URL that the app's client has too. */
function isDriver({ scan }: AuditedFile, { runtime }: Facts): boolean {
  const readsRuntime = runtime !== null && new RegExp(`\\benv\\.${runtime.name}\\b`).test(scan.text)
  return readsRuntime && scan.imports.some(({ source }) => source === 'pg')
}

/** The statement's text, its values left out. */
function sqlOf({ scan }: AuditedFile, node: Node): string | null {
  if (node.type === 'StringLiteral') return node.value
  const template = node.type === 'TaggedTemplateExpression' ? node.quasi : node
  if (template.type !== 'TemplateLiteral') return null
  return sourceOf(scan.text, template).slice(1, -1)
}
