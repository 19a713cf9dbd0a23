import { expect, it } from 'vitest'
import { nearestRegion, TEMPORARY_REGIONS } from '../../src/provision/region.ts'

it.each([
  ['Europe/Berlin', 'eu-central-1'],
  ['Europe/London', 'eu-west-3'],
  ['Africa/Lagos', 'eu-west-3'],
  ['Asia/Dubai', 'eu-central-1'],
  ['Asia/Calcutta', 'ap-southeast-1'],
  ['Asia/Tokyo', 'ap-northeast-1'],
  ['Australia/Sydney', 'ap-southeast-1'],
  ['Pacific/Auckland', 'ap-southeast-1'],
  ['Pacific/Honolulu', 'us-west-1'],
  ['America/Los_Angeles', 'us-west-1'],
  ['America/Sao_Paulo', 'us-east-1'],
  ['Atlantic/Bermuda', 'us-east-1'],
  ['UTC', 'us-east-1'],
  ['Etc/GMT+8', 'us-east-1'],
  ['', 'us-east-1'],
])('the region nearest to %j is %s', (timeZone, region) => {
  expect(nearestRegion(timeZone)).toBe(region)
})

it('knows every time zone of this Node, and each region is the nearest to some', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => /^(Asia|Europe|Australia|Indian)\//.test(zone))
  expect(zones.length).toBeGreaterThan(100)
  expect(zones.filter((zone) => nearestRegion(zone) === 'us-east-1')).toEqual([])
  const found = new Set(Intl.supportedValuesOf('timeZone').map(nearestRegion))
  expect([...found].sort()).toEqual([...TEMPORARY_REGIONS])
})
