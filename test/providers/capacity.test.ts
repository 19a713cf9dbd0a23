import { describe, expect, it } from 'vitest'
import { capacityOf, type Offer } from '../../src/providers/sizing.ts'

const NOTHING: Offer = { mode: null, clients: null, pool: null, usable: null }

function of(instances: number, opens: number, offer: Partial<Offer>, concurrency = 1) {
  const { total, holds, breaks, set } = capacityOf({ instances, opens, concurrency }, { ...NOTHING, ...offer })
  return { total, holds, breaks, set }
}

describe('where connections run out', () => {
  it('is the database, without a pooler', () => {
    expect(of(200, 10, { usable: 97 })).toEqual({
      total: 2000,
      holds: false,
      breaks: { at: 'database', instances: 9 },
      set: ['Put a transaction pooler in between: 200 instances with one connection each are more than 97.'],
    })
    expect(of(20, 10, { usable: 97 }).set).toEqual(['Run `pooling --connection-limit 4`: 20 x 4 = 80 <= 97.'])
    expect(of(9, 10, { usable: 97 })).toMatchObject({ holds: true, set: [] })
    expect(of(10, 10, { usable: 97 })).toMatchObject({ holds: false })
  })

  it('is the pooler, where its clients are fewer and its pool fits into the database', () => {
    const offer: Partial<Offer> = { mode: 'transaction', clients: 1000, pool: 72, usable: 97 }
    expect(of(200, 3, offer)).toMatchObject({ holds: true, breaks: { at: 'pooler', instances: 333 }, set: [] })
    expect(of(500, 3, offer)).toMatchObject({
      holds: false,
      set: ['Set max_client_conn = 1700 at the pooler, and raise its limit of open files.'],
    })
  })

  it('is the database, where the pool is larger than it', () => {
    const offer: Partial<Offer> = { mode: 'transaction', clients: 5000, pool: 200, usable: 97 }
    expect(of(100, 3, offer)).toMatchObject({
      holds: false,
      breaks: { at: 'database', instances: 97 },
      set: ['Set default_pool_size = 72 at the pooler: the rest is for migrations and others.'],
    })
    expect(of(60, 3, offer, 3)).toMatchObject({ holds: false, breaks: { at: 'database', instances: 32 } })
  })

  it('is the pool, in session mode', () => {
    const offer: Partial<Offer> = { mode: 'session', clients: 1000, pool: 20, usable: 97 }
    expect(of(10, 3, offer)).toMatchObject({
      holds: false,
      breaks: { at: 'pooler', instances: 6 },
      set: ['Run `pooling --connection-limit 2`: 10 x 2 = 20 <= 20.'],
    })
  })

  it("isn't known where nobody tells", () => {
    expect(of(1000, 3, { mode: 'transaction', usable: 97 })).toMatchObject({ holds: null, breaks: null, set: [] })
    expect(of(1000, 3, {})).toMatchObject({ holds: null, breaks: null, set: [] })
  })
})
