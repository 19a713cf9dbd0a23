import { PROVIDERS } from './registry.ts'

/** What the help says of each provider. The build puts the values in place, so that no provider is loaded for them. */
export const PROVIDER_LIST = PROVIDERS.map(({ id, summary }) => ({ id, summary }))
