import type { Known } from '../base/known.ts'
import { CHECKS } from './checks/index.ts'
import { WORDS } from './planned/codes.ts'

const DOCTOR = 'Run `pooling doctor`, which connects as the app does and says where it stops.'

/** Errors of Prisma and PostgreSQL that no finding stands for alone. */
const SYMPTOMS: readonly Known[] = [
  {
    code: 'server-out-of-reach',
    title: 'Nothing answers at the address in the URL',
    why: 'A wrong host or port, a firewall, a private network, a host that only has IPv6, or a database that is paused.',
    fix: DOCTOR,
    seen: [/P1001/, /Can't reach database server/, /E(CONNREFUSED|NOTFOUND|HOSTUNREACH|TIMEDOUT)\b/],
  },
  {
    code: 'tls-failed',
    title: "TLS couldn't be set up",
    why: "The client verifies the server's certificate, and no authority that it knows has signed it; or one of the two has no TLS.",
    fix: DOCTOR,
    seen: [/P1011/, /self[- ]signed certificate/i, /unable to (verify|get local issuer)/i, /TLS connection/],
  },
  {
    code: 'connection-closed',
    title: 'The server closed the connection',
    why: 'A pooler or a firewall cuts what is idle, the database went to sleep or was restarted, or a migration ended the session.',
    fix: 'Close idle connections before the server does (`pooling` sets the time), and look for restarts in its log.',
    seen: [/P1017/, /Server has closed the connection/i, /57P01/, /ECONNRESET/, /Connection terminated/],
  },
  {
    code: 'startup-parameter',
    title: "The pooler doesn't take a parameter that this client sends on connecting",
    why: 'Transaction poolers know few of them, and refuse the rest.',
    fix: "Add it to PgBouncer's ignore_startup_parameters, or take it out of the URL (options, schema, statement_timeout).",
    seen: [/08P01/, /unsupported startup parameter/i],
  },
  {
    code: 'unknown-tenant',
    title: 'The pooler knows no project for this user',
    why: 'Its user lacks the project, its host is of another region, or the project is paused.',
    fix: "Copy the URL again from the provider's console.",
    seen: [/Tenant or user not found/i],
  },
  {
    code: 'database-in-use',
    title: 'Other sessions are connected to the database that is to go',
    why: 'A reset, or a test run, drops its database, which PostgreSQL refuses while a pooler or another client holds a connection.',
    fix: 'Stop what is connected, and give tests and the shadow database direct URLs of their own.',
    seen: [/55006/, /is being accessed by other users/],
  },
]

/** Everything that can be found or seen, by code. */
export const KNOWN: readonly Known[] = [
  ...new Map([
    ...Object.entries(WORDS).map(([code, known]): [string, Known] => [code, { ...known, code }]),
    ...CHECKS.map((check): [string, Known] => [check.code, check]),
  ]).values(),
  ...SYMPTOMS,
]

/** What a code, or the text of an error, stands for; the likeliest first. */
export function explained(text: string): Known[] {
  const asked = text.trim()
  const named = KNOWN.filter(({ code }) => code === asked)
  return named.length > 0 ? named : KNOWN.filter(({ seen }) => seen?.some((pattern) => pattern.test(asked)))
}
