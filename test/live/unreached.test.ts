import { expect, it } from 'vitest'
import { type ConnectionString, parseConnectionString } from '../../src/connection/connection-string.ts'
import { unreached } from '../../src/live/unreached.ts'
import { PASSWORD } from '../support/inputs.ts'

const { url } = parseConnectionString(`postgresql://app:${PASSWORD}@db.example.com:5432/shop`) as {
  url: ConnectionString
}

it.each<[string, string, string]>([
  // PostgreSQL
  ['28P01', 'password authentication failed for user "app"', 'error live-credentials'],
  ['28000', 'role "app" does not exist', 'error live-credentials'],
  ['28000', 'no pg_hba.conf entry for host "::1", user "app", database "shop", no encryption', 'error live-needs-tls'],
  [
    '28000',
    'no pg_hba.conf entry for host "::1", user "app", database "shop", SSL encryption',
    'warning live-not-allowed',
  ],
  ['28000', 'pg_hba.conf rejects connection for host "::1", user "app"', 'warning live-not-allowed'],
  ['3D000', 'database "shop" does not exist', 'error live-no-database'],
  ['42501', 'permission denied for database "shop"', 'error live-no-access'],
  ['55000', 'database "shop" is not currently accepting connections', 'error live-no-access'],
  ['53300', 'sorry, too many clients already', 'error live-full'],
  ['53300', 'remaining connection slots are reserved for non-replication superuser connections', 'error live-full'],
  ['53300', 'remaining connection slots are reserved for roles with the SUPERUSER attribute', 'error live-full'],
  ['53300', 'too many connections for role "app"', 'error live-full'],
  ['57P03', 'the database system is starting up', 'error live-starting'],
  ['57P03', 'the database system is not yet accepting connections', 'error live-starting'],
  ['57P01', 'terminating connection due to administrator command', 'error live-closed'],
  ['XX001', 'something that nobody has seen yet', 'error live-answered-no'],
  // PgBouncer
  ['08P01', 'SASL authentication failed', 'error live-credentials'],
  ['08P01', 'no such user: app', 'error live-credentials'],
  ['08P01', 'no such database: shop', 'error live-no-database'],
  ['08P01', 'no more connections allowed (max_client_conn)', 'error live-pooler-full'],
  ['08P01', 'client_login_timeout, max_db_client_connections', 'error live-pooler-full'],
  ['08P01', 'query_wait_timeout', 'error live-pool-busy'],
  ['08P01', 'pgbouncer cannot connect to server', 'error live-database-down'],
  [
    '08P01',
    'server login has been failing, cached error: connect failed (server_login_retry)',
    'error live-database-down',
  ],
  ['08P01', 'unsupported startup parameter: search_path', 'error live-startup-parameter'],
  ['08P01', 'SSL required', 'error live-needs-tls'],
  ['XX000', 'bouncer config error', 'error live-pooler-extension'],
  // Supavisor
  ['XX000', 'Tenant or user not found', 'error live-tenant'],
  [
    'XX000',
    '(ENOIDENTIFIER) no tenant identifier provided (external_id or sni_hostname required)',
    'error live-tenant',
  ],
  ['XX000', '(ENOTFOUND) tenant/user postgres.abc not found', 'error live-tenant'],
  [
    'XX000',
    '(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15',
    'error live-session-full',
  ],
  ['XX000', 'MaxClientsInSessionMode: max clients reached - in Session mode', 'error live-session-full'],
  ['XX000', '(EMAXCONN) max client connections reached, limit: 200', 'error live-pooler-full'],
  ['XX000', 'Max client connections reached', 'error live-pooler-full'],
  ['XX000', 'Circuit breaker open: Failed to retrieve database credentials', 'error live-circuit-breaker'],
  ['XX000', '(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 15000ms', 'error live-pool-busy'],
  // Neon, Prisma Postgres
  ['XX000', 'The endpoint has been disabled. Enable it using Neon API and retry.', 'error live-paused'],
  ['XX000', 'Your account or project has exceeded the compute time quota.', 'error live-quota'],
  ['XX000', "Couldn't connect to compute node", 'error live-database-down'],
  [
    '08P01',
    'Endpoint ID is not specified. Either please upgrade the postgres client library',
    'error live-no-endpoint-id',
  ],
  ['P6000', 'Your account has restrictions: planLimitReached.', 'error live-quota'],
  // RDS Proxy
  ['28000', 'This RDS Proxy requires TLS connections', 'error live-needs-tls'],
  ['28000', 'This RDS proxy has no credentials for the role app.', 'error live-iam'],
  ['28000', 'IAM authentication failed for the role app.', 'error live-iam'],
  ['XX000', 'Timed-out waiting to acquire database connection', 'error live-pool-busy'],
  // Node and TLS
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'error live-certificate'],
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'error live-certificate-expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames", 'error live-certificate-name'],
  ['', 'The server does not support SSL connections', 'error live-no-tls'],
  ['ENOENT', "ENOENT: no such file or directory, open '/ca.pem'", 'error live-ca-file'],
  ['ENOENT', 'connect ENOENT /run/.s.PGSQL.5432', 'warning live-refused'],
  ['ECONNREFUSED', 'connect ECONNREFUSED', 'warning live-refused'],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND', 'warning live-unknown-host'],
  ['ECONNRESET', 'read ECONNRESET', 'error live-closed'],
  ['', 'timeout expired', 'warning live-unreachable'],
])('names %s %s', (code, message, expected) => {
  const failure = Object.assign(new Error(`${message} ${PASSWORD}`), { code })
  const { definite, code: name, message: told, fix } = unreached(failure, url)
  expect(`${definite ? 'error' : 'warning'} ${name}`).toBe(expected)
  expect(told + fix).not.toContain(PASSWORD)
})
