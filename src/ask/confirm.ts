import type { Terminal } from '../base/ports.ts'
import { promptsOn } from './prompting.ts'

/**
 * A yes or no at the terminal; Enter means `initial`.
 * @throws {ActionableError} with exit code 130 on Ctrl-C, Escape, and when the input ends.
 */
export async function askToConfirm(message: string, initial: boolean, terminal: Terminal): Promise<boolean> {
  const prompt = await promptsOn(terminal)
  return (await prompt({ type: 'confirm', message, initial })) === true
}
