/** Percent-decoding that never throws: sequences that aren't valid UTF-8 stay as they are. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run
      }
    })
  }
}

/** As `decode`, with `+` for a space, which is how both Prisma's engine and `pg` read a query. */
export function decodeQuery(text: string): string {
  return decode(text.replaceAll('+', ' '))
}

/** Everything but letters, digits and `-._~`; lone surrogates become U+FFFD. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Encodes what is not encoded yet: a valid `%41` stays, a lone `%` becomes `%25`. */
export function encodeRest(text: string): string {
  return text
    .split(/(%[0-9a-f]{2})/i)
    .map((part, index) => (index % 2 ? part : encode(part)))
    .join('')
}
