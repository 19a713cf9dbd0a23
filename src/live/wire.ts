import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Step, Stopped, Took } from '../base/ports.ts'

/** Milliseconds that closing a session may take. */
const GOODBYE = 500

/** A connection as it is made, step by step, and what the server said first. */
export class Wire {
  readonly socket = new Socket()
  stream: Socket = this.socket
  readonly took: Took = {}
  private step: Step | null = null
  private ended = false
  /** It was asked for a password. */
  asked = false
  /** The error with which the server ended the session between two queries; the next query's own only says that it ended. */
  cut: Error | null = null
  private since = performance.now()
  private first = ''

  start(hasAddress: boolean, isSecure: boolean): void {
    this.reach(hasAddress ? 'TCP' : 'DNS')
    this.socket.once('lookup', (error) => error ?? this.reach('TCP'))
    this.socket.once('connect', () => this.reach(isSecure ? 'TLS' : 'login'))
    this.socket.once('data', (bytes: Buffer) => {
      this.first = bytes.toString('latin1')
    })
  }

  secure(stream: Socket): void {
    this.stream = stream
    stream.once('secureConnect', () => this.reach('login'))
  }

  reach(step: Step): void {
    this.note()
    this.step = step
  }

  /** Queries after the first are none of the steps. */
  end(): void {
    if (!this.ended) this.note()
    this.ended = true
  }

  stopped(): Stopped {
    this.end()
    return { step: this.step, took: this.took, asked: this.asked, speaks: otherProtocol(this.first) }
  }

  /** Never waits for a server that says nothing. */
  async close(goodbye: Promise<unknown>): Promise<void> {
    await Promise.race([goodbye, setTimeout(GOODBYE, null, { ref: false })]).catch(() => {})
    this.drop()
  }

  drop(): void {
    this.stream.destroy()
    this.socket.destroy()
  }

  private note(): void {
    const now = performance.now()
    if (this.step !== null) this.took[this.step] = Math.round((this.took[this.step] ?? 0) + now - this.since)
    this.since = now
  }
}

/** A MySQL server speaks first: a packet's length and number, then its protocol and version, or an error. */
function otherProtocol(first: string): string | null {
  if (/^.{3}\0(\n\d|\xff)/s.test(first)) return 'MySQL'
  if (first.startsWith('HTTP/')) return 'HTTP'
  return /^([SNERvG\x16]|$)/.test(first) ? null : 'something else'
}
