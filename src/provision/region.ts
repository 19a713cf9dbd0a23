/** https://www.prisma.io/docs/postgres/introduction/npx-create-db */
export const TEMPORARY_REGIONS = [
  'ap-northeast-1',
  'ap-southeast-1',
  'eu-central-1',
  'eu-west-3',
  'us-east-1',
  'us-west-1',
] as const

export type TemporaryRegion = (typeof TEMPORARY_REGIONS)[number]

/** Where a time zone tells nothing. */
export const FALLBACK_REGION: TemporaryRegion = 'us-east-1'

/** By names of the IANA time zone database, first match. A rough guess will do: the database lives for a day. */
const REGIONS: [RegExp, TemporaryRegion][] = [
  [
    /^America\/(Los_Angeles|Vancouver|Tijuana|Whitehorse|Dawson|Dawson_Creek|Fort_Nelson|Anchorage|Juneau|Sitka|Nome|Yakutat|Metlakatla|Adak|Denver|Phoenix|Boise|Edmonton|Calgary|Hermosillo|Mazatlan|Ciudad_Juarez)$/,
    'us-west-1',
  ],
  [/^(US\/(Pacific|Mountain|Alaska|Arizona|Hawaii)|Canada\/(Pacific|Mountain|Yukon))$/, 'us-west-1'],
  [/^(America|US|Canada)\//, 'us-east-1'],
  [
    /^Asia\/(Tokyo|Seoul|Pyongyang|Shanghai|Chongqing|Harbin|Taipei|Ulaanbaatar|Vladivostok|Sakhalin|Magadan|Kamchatka|Yakutsk|Chita|Khandyga|Ust-Nera|Srednekolymsk|Anadyr)$/,
    'ap-northeast-1',
  ],
  [
    /^Asia\/(Istanbul|Nicosia|Famagusta|Beirut|Damascus|Amman|Jerusalem|Gaza|Hebron|Baghdad|Kuwait|Qatar|Bahrain|Riyadh|Aden|Dubai|Muscat|Tehran|Baku|Tbilisi|Yerevan|Yekaterinburg|Aqtau|Aqtobe|Atyrau|Oral)$/,
    'eu-central-1',
  ],
  [/^(Asia|Australia|Indian)\//, 'ap-southeast-1'],
  [/^Pacific\/(Guam|Saipan|Palau)$/, 'ap-northeast-1'],
  [/^Pacific\/(Auckland|Chatham|Fiji|Noumea|Port_Moresby|Bougainville|Guadalcanal|Efate|Norfolk)$/, 'ap-southeast-1'],
  [/^Pacific\//, 'us-west-1'],
  [
    /^Europe\/(London|Belfast|Dublin|Lisbon|Madrid|Andorra|Gibraltar|Paris|Monaco|Brussels|Luxembourg|Jersey|Guernsey|Isle_of_Man)$/,
    'eu-west-3',
  ],
  [/^Europe\//, 'eu-central-1'],
  [/^Africa\/|^Atlantic\/(Reykjavik|Faroe|Azores|Madeira|Canary|Cape_Verde|St_Helena)$/, 'eu-west-3'],
]

/** The region that is probably nearest to a time zone such as `Europe/Berlin`. */
export function nearestRegion(timeZone: string): TemporaryRegion {
  return REGIONS.find(([zones]) => zones.test(timeZone))?.[1] ?? FALLBACK_REGION
}
