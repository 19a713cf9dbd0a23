import type { ConnectionString } from '../connection/connection-string.ts'

/**
 * Why there was no connection. `definite` is what would be the same from anywhere; what is not may be due to this
 * machine: a private network, a firewall, a server that is not running just now.
 */
export interface Unreached {
  reached: false
  code: string
  definite: boolean
  /** A sentence without any of the URL's secrets. */
  message: string
  fix: string
}

interface Reason extends Omit<Unreached, 'reached' | 'message'> {
  matches: (failure: Failure) => boolean
  message: (url: ConnectionString) => string
}

interface Failure {
  code: string
  text: string
}

const PASTE = "Compare with the provider's console and run the setup again with the right URL."

/** In this order; codes are PostgreSQL's SQLSTATE or Node's. */
const REASONS: readonly Reason[] = [
  {
    code: 'live-tenant',
    matches: ({ text }) => /tenant (or|identifier)|tenant\/user/i.test(text),
    definite: true,
    message: ({ user }) => `The pooler knows no user ${user ?? ''} of that project.`,
    fix: 'The shared pooler wants <role>.<project ref> as user, and the host of the right region: copy the URL anew.',
  },
  {
    code: 'live-needs-tls',
    matches: ({ text }) => /(SSL|TLS).*(required|off)|no encryption|insecure connection/i.test(text),
    definite: true,
    message: () => 'The server takes encrypted connections only.',
    fix: 'Set sslmode=require in the URL.',
  },
  {
    code: 'live-not-allowed',
    matches: ({ text }) => /no pg_hba\.conf entry/i.test(text),
    definite: false,
    message: () => 'The server does not let this address in.',
    fix: "Add this machine to the database's allowed addresses, or run this where the app runs.",
  },
  {
    code: 'live-credentials',
    matches: ({ code, text }) =>
      code === '28P01' || code === '28000' || /authentication failed|SASL|no such user/i.test(text),
    definite: true,
    message: ({ user }) => `The server does not accept the password of ${user ?? 'the default user'}.`,
    fix: `${PASTE} A password with special characters has to be percent-encoded.`,
  },
  {
    code: 'live-no-database',
    matches: ({ code, text }) => code === '3D000' || /no such database|database .* does not exist/i.test(text),
    definite: true,
    message: ({ database }) => `There is no database (or pool) called ${database ?? ''} on that server.`,
    fix: PASTE,
  },
  {
    code: 'live-full',
    matches: ({ code, text }) => code === '53300' || /too many (clients|connections)|max_client_conn/i.test(text),
    definite: true,
    message: () => 'The server has no connection left.',
    fix: 'Put a transaction pooler in front of it, stop what holds connections, or raise its limit.',
  },
  {
    code: 'live-certificate',
    matches: ({ code, text }) => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) || /certificate/i.test(text),
    definite: true,
    message: () =>
      "The URL asks for a verified certificate, and the server's is not signed by an authority known here.",
    fix: "Get the provider's CA certificate and give the URL with sslmode=verify-full&sslrootcert=<its path>.",
  },
  {
    code: 'live-no-tls',
    matches: ({ text }) => /does not support SSL/i.test(text),
    definite: true,
    message: () => 'The URL asks for TLS, and the server has none.',
    fix: 'Turn TLS on at the server, or, on a private network only, set sslmode=disable.',
  },
  {
    code: 'live-unknown-host',
    matches: ({ code }) => code === 'ENOTFOUND' || code === 'EAI_AGAIN',
    definite: false,
    message: ({ hosts }) =>
      `${hosts[0]?.name} is not known here: a private network's name, a typing error, or no network.`,
    fix: 'Run this where the app runs, or compare the host with the console.',
  },
  {
    code: 'live-refused',
    matches: ({ code }) => code === 'ECONNREFUSED' || code === 'ENOENT',
    definite: false,
    message: (url) => `Nothing listens on ${hostOf(url)}.`,
    fix: 'Start the server, or compare host and port with the console.',
  },
]

/** Nothing that a server says is repeated: it may hold what it was sent. */
export function unreached(error: unknown, url: ConnectionString): Unreached {
  const failure = failureOf(error)
  const reason = REASONS.find(({ matches }) => matches(failure)) ?? UNKNOWN
  const { code, definite, fix } = reason
  return { reached: false, code, definite, fix, message: reason.message(url) }
}

const UNKNOWN: Reason = {
  code: 'live-unreachable',
  matches: () => true,
  definite: false,
  message: (url) => `${hostOf(url)} did not answer.`,
  fix: 'Run this where the app runs; a firewall, an IPv6-only host or a private network may be in between.',
}

function failureOf(error: unknown): Failure {
  // Of several addresses that were tried, the first one's failure stands for all.
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown }
  return { code: typeof code === 'string' ? code : '', text: typeof message === 'string' ? message : '' }
}

function hostOf({ hosts }: ConnectionString): string {
  const { name, port } = hosts[0] ?? { name: '', port: null }
  return `${name || 'localhost'}${port === null ? '' : ` port ${port}`}`
}
