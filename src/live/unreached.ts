import type { Known } from '../base/known.ts'
import type { Stopped, Took } from '../base/ports.ts'
import { sentence } from '../base/words.ts'
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
  /** How far it got. */
  step: Stopped['step']
  took: Took
}

/** What a server, a pooler or the network says. `{host}`, `{user}` and `{database}` stand for the URL's. */
interface Reason extends Omit<Known, 'code'> {
  /** Left out for what is the same from anywhere. */
  maybe?: true
}

const PASTE = "Compare with the provider's console and run the setup again with the right URL."
const HERE = 'Run this where the app runs'

/** The first that is seen in the error's code and text counts. Codes are PostgreSQL's SQLSTATE or Node's. */
const REASONS: Readonly<Record<string, Reason>> = {
  'live-ca-file': {
    seen: [/^ENOENT .*\bopen\b/],
    title: "The URL names a CA file that isn't there",
    why: 'The client reads it before it connects.',
    fix: 'Correct the path in sslrootcert (or sslcert); `system` is a file name to pg, so leave it out there.',
  },
  'live-circuit-breaker': {
    seen: [/circuit ?breaker|temporarily blocked/i],
    title: 'The pooler blocks new connections for some minutes',
    why: 'Too many attempts have failed, because of a wrong password or a database that is down.',
    fix: 'Stop what connects with a wrong password, wait a few minutes, and try again.',
  },
  'live-session-full': {
    seen: [/session mode/i],
    title: 'The session pooler accepts no more clients',
    why: 'It accepts as many as its pool has connections, and all of them are in use.',
    fix: "Give the app the transaction pooler's URL (on Supabase port 6543), and keep this one for migrations.",
  },
  'live-pooler-full': {
    // MariaDB's driver begins with the name of the error.
    seen: [/^(?!.*\bER_).*(max_client_conn|(client|db|user)_connections|max client connections|EMAXCONN)/i],
    title: 'The pooler accepts no more clients',
    why: 'It has reached its client limit, and every new function fails.',
    fix: "Raise its client limit (PgBouncer: max_client_conn), or lower each function's connections.",
  },
  'live-pool-busy': {
    seen: [/query_wait_timeout|unable to check ?out|waiting to acquire/i],
    title: 'The pooler had no free connection to the database',
    why: 'Long transactions or a small pool keep others waiting until they give up.',
    fix: 'Look for long transactions and queries (pg_stat_activity), or raise the pool (PgBouncer: default_pool_size).',
  },
  'live-no-endpoint-id': {
    seen: [/endpoint id is not specified/i],
    title: "Neon can't tell which endpoint is meant",
    why: 'The connection names no host.',
    fix: 'Use the host name instead of an address, or add options=endpoint%3D<endpoint id> to the URL.',
  },
  'live-tenant': {
    seen: [/tenant (or|identifier)|tenant\/user|requested endpoint could not be found/i],
    title: 'The pooler knows no project for {user} at {host}',
    why: 'The user or the region is wrong, or the project is paused or gone.',
    fix: 'A shared pooler needs <role>.<project ref> as user, and the host of the right region: copy the URL again.',
  },
  'live-quota': {
    seen: [/planLimitReached|account has restrictions|exceeded the .*(quota|limit)|quota exceeded/i],
    title: "The provider's plan has reached its limit",
    why: 'The database is closed until that changes.',
    fix: "Raise the plan or wait for the next period: see the usage in the provider's console.",
  },
  'live-paused': {
    seen: [/endpoint (has been|is) disabled|(project|database|compute|branch) (has been |is )?(paused|suspended)/i],
    title: 'The database is switched off at the provider',
    why: "It doesn't wake up by itself.",
    fix: "Start it again in the provider's console.",
  },
  'live-pooler-extension': {
    seen: [/bouncer config error/i],
    title: "This database doesn't have the pooler's extension",
    why: 'The pooler finds its users through it.',
    fix: 'Run in this database, as its owner: CREATE EXTENSION crunchy_pooler (Snowflake: snowflake_pooler).',
  },
  'live-starting': {
    seen: [/57P03|database system is (starting|shutting|not)|not yet accepting|recovery mode/i],
    title: 'The database is starting up, shutting down or recovering',
    why: "It doesn't accept connections yet.",
    fix: "Wait a moment and run this again; if it stays so, read the server's log.",
  },
  'live-startup-parameter': {
    seen: [/unsupported startup parameter/i],
    title: 'The pooler refuses a parameter that this client sends when it connects',
    why: 'Transaction poolers accept only a few.',
    fix: "Add it to the pooler's ignore_startup_parameters, or take it out of the URL (options, schema, statement_timeout).",
  },
  'live-needs-tls': {
    seen: [/(SSL|TLS).*(required|requires|off\b)|requires (SSL|TLS)|no encryption|insecure (conn|transport)/i],
    title: 'The server accepts encrypted connections only',
    why: "The client didn't try to encrypt this one.",
    fix: 'Set sslmode=require in the URL (MySQL: ssl=true); between a pooler of your own and its database, server_tls_sslmode.',
  },
  'live-not-allowed': {
    seen: [/pg_hba\.conf|not in (tenant )?allow_?list|not allowed to (access|connect)/i],
    maybe: true,
    title: "The server doesn't let this address in",
    why: 'Its rules (pg_hba.conf, a list of allowed addresses) leave it out.',
    fix: `Add this machine to the database's allowed addresses, or ${HERE.toLowerCase()}.`,
  },
  'live-iam': {
    seen: [/\bIAM\b|PAM authentication|proxy has no credentials/i],
    title: "AWS doesn't accept {user}",
    why: 'It needs an IAM token, or a secret that the proxy has for this role.',
    fix: "Give the proxy a secret with this role's password, or turn IAM authentication off for it.",
  },
  'live-credentials': {
    seen: [/28P01|28000|authentication (failed|error)|SASL|auth failed|no such user|wrong password/i],
    title: "The server doesn't accept the password of {user}",
    why: 'The password or the user is wrong, or misspelt in the URL.',
    fix: `${PASTE} PgBouncer checks its own list (auth_file), which needs the database's password. MariaDB says the same where it insists on TLS: ssl=true.`,
  },
  'live-no-database': {
    seen: [/3D000|no such database|database .* does not exist|ER_BAD_DB/i],
    title: "The server doesn't have the database (or pool) {database}",
    why: 'The name is wrong, or the server is another one.',
    fix: PASTE,
  },
  'live-no-access': {
    seen: [/42501|55000|ER_DBACCESS|permission denied|not (currently )?accepting connections/i],
    title: '{user} may not connect to the database {database}',
    why: 'The right to connect was revoked, or the database accepts nobody.',
    fix: 'As its owner: GRANT CONNECT ON DATABASE … TO … (MySQL: GRANT ALL ON ….* TO …); and check ALLOW_CONNECTIONS.',
  },
  'live-full': {
    seen: [/53300|too many (clients|connections)|ER_(USER_LIMIT|TOO_MANY)|connection slots are reserved/i],
    title: 'The server has no connections left for {user}',
    why: 'The limit of the server, of this role or of this database is reached.',
    fix: 'Put a transaction pooler in front of it, stop what holds connections, or raise its limit.',
  },
  'live-database-down': {
    seen: [
      /cannot connect to server|server login (has been )?fail|connect failed|EDBHANDLER|connect to compute node|server (conn )?crashed/i,
    ],
    title: "The pooler answers, but can't get through to the database",
    why: 'The database is down, or the pooler has a wrong address or password for it.',
    fix: "Start the database, or correct its address and password in the pooler's configuration; its log says which.",
  },
  'live-certificate-expired': {
    seen: [/CERT_HAS_EXPIRED|certificate (has )?expired/i],
    title: "The server's certificate has expired",
    why: 'The client verifies it, and ends the connection.',
    fix: 'Renew it at the server.',
  },
  'live-certificate-name': {
    seen: [/ALTNAME|does not match certificate/i],
    title: "The server's certificate is for another name than {host}",
    why: 'The client compares it with the host in the URL.',
    fix: 'Connect by the name in the certificate, or get one for this name.',
  },
  'live-certificate': {
    seen: [/P1011|CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|certificate|TLS connection/i],
    title: "No authority known here has signed the server's certificate",
    why: 'The client verifies it, and ends the connection.',
    fix: "Get the provider's CA certificate and give the URL with sslmode=verify-full&sslrootcert=<its path> (MySQL: NODE_EXTRA_CA_CERTS=<its path>).",
  },
  'live-no-tls': {
    seen: [/does not support SSL|ER_SERVER_SSL_DISABLED/i],
    title: 'The URL asks for TLS, and the server has none',
    why: "The client doesn't connect without it.",
    fix: 'Turn TLS on at the server, or, on a private network only, set sslmode=disable (MySQL: take ssl=true out).',
  },
  'live-unknown-host': {
    seen: [/ENOTFOUND|EAI_AGAIN/],
    maybe: true,
    title: "{host} can't be resolved to an address",
    why: 'It belongs to a private network, is misspelt, or there is no network.',
    fix: `${HERE}, or compare the host with the console.`,
  },
  'live-refused': {
    seen: [/ECONNREFUSED|connect ENOENT/],
    maybe: true,
    title: 'Nothing listens on {host}',
    why: "The server isn't running, or the port is another one.",
    fix: 'Start the server, or compare host and port with the console.',
  },
  'live-answered-no': {
    title: 'The server answers with an unknown error',
    why: "It isn't one of the errors that this command knows.",
    fix: "Read the server's log (or the pooler's) of this moment.",
  },
  'live-closed': {
    seen: [
      /ECONNRESET|EPIPE|57P01|P1017|UNEXPECTED_CLOSE|terminat(ed|ing)|establishing an SSL|server has closed the connection|client_idle_timeout/i,
    ],
    title: '{host} accepts the connection and then closes it',
    why: 'A pooler or a firewall closes idle connections, the server was restarted, or the port belongs to another service.',
    fix: "Compare the port with the console, and read the server's log (or the pooler's) of this moment.",
  },
  'live-not-postgres': {
    title: "What answers on {host} isn't PostgreSQL",
    why: 'It speaks {speaks}.',
    fix: 'Correct the port in the URL, or the provider in schema.prisma and the scheme of the URL.',
  },
  'live-silent': {
    maybe: true,
    title: '{host} accepts connections and then says nothing',
    why: 'The port belongs to another service, the server hangs, or a pooler is waiting for a free connection.',
    fix: 'Compare the port with the console; a pooler is silent, too, while its database is out of reach.',
  },
  'live-unreachable': {
    seen: [/P1001|can't reach database server|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/i],
    maybe: true,
    title: "{host} doesn't answer",
    why: 'A wrong host or port, a firewall, a private network, a host that only has IPv6, or a database that is paused.',
    fix: `${HERE}; a firewall, an IPv6-only host or a private network may be in between.`,
  },
}

/** Whether a server said so. An SQLSTATE has a digit; Node's codes of five letters have none. */
export function isAnswer(error: unknown): boolean {
  return /^(?=\w*\d)[\dA-Z]{5}$/.test(String((error as { code?: unknown }).code))
}

function silence(step: Stopped['step'], asked: boolean): string {
  if (step === null || step === 'DNS' || step === 'TCP') return 'live-unreachable'
  return asked && step === 'login' ? 'live-database-down' : 'live-silent'
}

/** Nothing that a server says is repeated: it may hold what it was sent. */
export function unreached(error: unknown, url: ConnectionString): Unreached {
  // Of several addresses that were tried, the first one's failure stands for all.
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code, message: text } = (cause ?? {}) as { code?: unknown; message?: unknown }
  const { step = null, took = {}, asked = false, speaks = null } = (error ?? {}) as Partial<Stopped>
  const said = `${typeof code === 'string' ? code : ''} ${typeof text === 'string' ? text : ''}`
  const matched = Object.keys(REASONS).find((each) => REASONS[each]!.seen?.some((pattern) => pattern.test(said)))
  const other = isAnswer(cause ?? {}) ? 'live-answered-no' : silence(step, asked)
  const reason = speaks === null ? (matched ?? other) : 'live-not-postgres'
  const { title, why, fix, maybe } = REASONS[reason]!
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  const words: Words = {
    host: `${name || 'localhost'}${port === null ? '' : ` port ${port}`}`,
    user: url.user ?? 'the default user',
    database: url.database ?? '',
    speaks: speaks ?? '',
  }
  const message = filled(`${title}. ${why}`, words)
  return { reached: false, code: reason, definite: maybe !== true, message, fix, step, took }
}

/** The same for a user who has only the error. */
export const ANSWERS: readonly Known[] = Object.entries(REASONS).map(([code, { maybe: _, ...reason }]) => {
  const words = { host: 'the server', user: 'the user', database: 'in the URL', speaks: 'another protocol' }
  const title = filled(reason.title, words)
  return { code, ...reason, title: sentence(title), why: filled(reason.why, words) }
})

type Words = Record<'host' | 'user' | 'database' | 'speaks', string>

function filled(text: string, words: Words): string {
  return text.replace(/\{(\w+)\}/g, (_, word: keyof Words) => words[word])
}
