export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
