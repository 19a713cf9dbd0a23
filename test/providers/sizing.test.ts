import { describe, expect, it } from 'vitest'
import { planPool } from '../../src/providers/sizing.ts'
import type { PoolMode, Sizing } from '../../src/providers/types.ts'

const plan = (
  sizing: Sizing,
  pooler: PoolMode | null,
  style: 'engine' | 'adapter' = 'engine',
  maxConnections?: number,
) =>
  planPool({
    sizing,
    style,
    pooler,
    runtime: null,
    ...(maxConnections ? { maxConnections } : {}),
  })

describe('how many connections', () => {
  it.each<[what: string, limit: number | null, ...Parameters<typeof plan>]>([
    ['functions without a pooler', 1, { runtime: 'serverless' }, null],
    ['functions behind a session pooler', 1, { runtime: 'serverless' }, 'session'],
    ['functions behind a transaction pooler', null, { runtime: 'serverless' }, 'transaction'],
    ['functions with an adapter behind one', 3, { runtime: 'serverless' }, 'transaction', 'adapter'],
    [
      'functions with an adapter, 6 requests each',
      6,
      { runtime: 'serverless', concurrency: 6 },
      'transaction',
      'adapter',
    ],
    [
      'functions with an adapter, 80 requests each',
      10,
      { runtime: 'serverless', concurrency: 80 },
      'transaction',
      'adapter',
    ],
    ['one server', null, { runtime: 'server' }, 'transaction'],
    ['three servers', 3, { runtime: 'server', instances: 3 }, 'transaction'],
    ['three servers with an adapter', 3, { runtime: 'server', instances: 3 }, null, 'adapter'],
    ['fifty servers', 1, { runtime: 'server', instances: 50 }, null],
    ['as many as asked for', 25, { runtime: 'serverless', connectionLimit: 25 }, null],
  ])('%s: %s', (_, limit, ...question) => {
    expect(plan(...question).limit).toBe(limit)
  })

  it('shows the sum, and whether it fits', () => {
    expect(plan({ runtime: 'server', instances: 4 }, null, 'engine', 100).reasons).toEqual([
      'connection_limit=2: (4 CPUs x 2 + 1) / 4 instances.',
      '4 instances x 2 = 8 <= 97 usable connections.',
    ])
    const { warnings } = plan({ runtime: 'serverless', instances: 200, connectionLimit: 3 }, null, 'engine', 100)
    expect(warnings.map(({ message }) => message)).toEqual([
      '200 functions x 3 = 600 > 97 connections that the database has (100 - 3 reserved): it will refuse some. Use a transaction pooler, fewer functions or a lower --connection-limit.',
    ])
  })

  it('says nothing about a single server, where nothing is set', () => {
    expect(plan({ runtime: 'server' }, 'transaction')).toMatchObject({
      limit: null,
      reasons: [],
      warnings: [],
    })
  })
})
