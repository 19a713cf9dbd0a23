/** A connection string with several hosts has commas of its own, so a comma only separates in front of a scheme. */
const BETWEEN_URLS = /,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i

/** The connection strings of a comma-separated list. */
export function splitUrls(list: string): string[] {
  return list
    .split(BETWEEN_URLS)
    .map((text) => text.trim())
    .filter((text) => text !== '')
}
