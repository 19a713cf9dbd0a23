/**
 * What the providers' programs print, in the shape of their own sources and documentation; names and secrets are made up.
 * `CANARY` is the password in all of them.
 */
export const CANARY = 'c4naryPassw0rd'

/** heroku/cli: `apps --json` and `config --json` print what the Platform API returns. */
export const HEROKU = {
  app: (name: string, region = 'eu') => ({
    acm: false,
    archived_at: null,
    build_stack: { id: '4a8c3d', name: 'heroku-24' },
    created_at: '2026-01-02T03:04:05Z',
    git_url: `https://git.heroku.com/${name}.git`,
    id: '01234567-89ab-cdef-0123-456789abcdef',
    name,
    owner: { email: 'me@example.com', id: '76543210-89ab-cdef-0123-456789abcdef' },
    region: { id: '59accabd-516d-4f0e-83e6-6e3757701145', name: region },
    stack: { id: '4a8c3d', name: 'heroku-24' },
  }),
  config: (more: Record<string, string> = {}) => ({
    DATABASE_URL: `postgres://u1abcdefghijk:${CANARY}@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:5432/d1abcdefghijk`,
    SESSION_SECRET: CANARY,
    ...more,
  }),
  POOLED: {
    DATABASE_CONNECTION_POOL_URL: `postgres://u1abcdefghijk:${CANARY}@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:5433/d1abcdefghijk`,
  },
  SIGNED_OUT: ` ›   Warning: Our terms of service have changed:
 ›   https://dashboard.heroku.com/terms-of-service
(node:4081) [ENOENT] Error: spawn heroku ENOENT
(Use \`node --trace-warnings ...\` to show where the warning was created)
 ›   Error: not logged in
`,
  ESSENTIAL: ' ›   Error: You can’t perform this operation on Essential-tier databases.\n',
}

const DO_HOST = 'db-postgresql-fra1-12345-do-user-1234567-0.c.db.ondigitalocean.com'

function connection(port: number, database: string) {
  return {
    protocol: 'postgresql',
    uri: `postgresql://doadmin:${CANARY}@${DO_HOST}:${port}/${database}?sslmode=require`,
    database,
    host: DO_HOST,
    port,
    user: 'doadmin',
    password: CANARY,
    ssl: true,
  }
}

/** digitalocean/godo's Database, DatabaseConnection and DatabasePool. */
export const DOCTL = {
  cluster: (name: string, more: object = {}) => ({
    id: `9cc10173-e9ea-4176-9dbc-a4cee4c4ff3${name.length % 10}`,
    name,
    engine: 'pg',
    version: '16',
    connection: connection(25060, 'defaultdb'),
    private_connection: connection(25060, 'defaultdb'),
    users: [{ name: 'doadmin', role: 'primary', password: CANARY }],
    num_nodes: 1,
    size: 'db-s-1vcpu-2gb',
    db_names: ['defaultdb'],
    region: 'fra1',
    status: 'online',
    created_at: '2026-01-02T03:04:05Z',
    ...more,
  }),
  connection: connection(25060, 'defaultdb'),
  pool: (name: string, more: object = {}) => ({
    user: 'doadmin',
    name,
    size: 10,
    db: 'defaultdb',
    mode: 'transaction',
    connection: connection(25061, name),
    private_connection: connection(25061, name),
    ...more,
  }),
  SIGNED_OUT:
    "Error: Unable to initialize DigitalOcean API client: access token is required. (hint: run 'doctl auth init')\n",
}

/** neondatabase/neonctl's `--output json`. */
export const NEON = {
  project: (id: string, name = id) => ({
    id,
    platform_id: 'aws',
    region_id: 'aws-eu-central-1',
    name,
    pg_version: 17,
    created_at: '2026-01-02T03:04:05Z',
    owner_id: 'org-quiet-sea-12345678',
  }),
  branch: (id: string, name: string, more: object = {}) => ({
    id,
    project_id: 'quiet-sea-12345678',
    name,
    current_state: 'ready',
    default: false,
    protected: false,
    created_at: '2026-01-02T03:04:05Z',
    ...more,
  }),
  database: (name: string, owner = 'neondb_owner') => ({
    id: 1234,
    branch_id: 'br-main-1',
    name,
    owner_name: owner,
    created_at: '2026-01-02T03:04:05Z',
  }),
  POOLED: `postgresql://neondb_owner:${CANARY}@ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require`,
  SIGNED_OUT: 'ERROR: Cannot run interactive auth in CI\n',
  /** A question of its own, which nobody answers. */
  ORGANIZATION: '? What organization would you like to use? › - Use arrow-keys. Return to submit.\n',
}

/** planetscale/cli's `--format json`. */
export const PSCALE = {
  database: (name: string, kind?: string) => ({
    name,
    notes: '',
    region: { slug: 'eu-central', display_name: 'AWS eu-central-1', location: 'Frankfurt', enabled: true },
    state: 'ready',
    html_url: `https://app.planetscale.com/org/${name}`,
    created_at: '2026-01-02T03:04:05.000Z',
    updated_at: '2026-01-02T03:04:05.000Z',
    ...(kind === undefined ? {} : { kind }),
  }),
  branch: (name: string, production = false) => ({
    id: 'abcdefghijkl',
    name,
    parent_branch: '',
    region: { slug: 'eu-central' },
    ready: true,
    production,
    created_at: '2026-01-02T03:04:05.000Z',
  }),
  role: {
    id: 'r0leid123456',
    name: 'rw-pooling',
    username: 'pscale_api_abc.abcdefghijkl',
    password: `pscale_pw_${CANARY}`,
    access_host_url: 'eu-central-1.pg.psdb.cloud',
    database_url: `postgresql://pscale_api_abc.abcdefghijkl:pscale_pw_${CANARY}@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full`,
  },
  password: {
    id: 'pw0id1234567',
    name: 'rw-pooling',
    access_host_url: 'aws.connect.psdb.cloud',
    username: 'user1234567890',
    role: 'admin',
    database_branch: { name: 'main', access_host_url: 'abc.eu-central-1.psdb.cloud' },
    created_at: '2026-01-02T03:04:05.000Z',
    plain_text: `pscale_pw_${CANARY}`,
    ttl_seconds: 0,
  },
  SIGNED_OUT: "Error: not authenticated yet. Please run 'pscale auth login'\n",
}

/** create-db with --json. */
export const CREATE_DB = {
  success: true,
  connectionString: `postgres://user:${CANARY}@db.prisma.io:5432/postgres?sslmode=require`,
  claimUrl: 'https://create-db.prisma.io/claim?projectID=proj_1',
  deletionDate: '2026-11-24T03:00:21.172Z',
  region: 'eu-central-1',
}
