// The visitor's microphone: hands-free or by a button; what it hears goes to the server, which finds the words in it.
import { signal } from '@preact/signals'
import { t } from './i18n.ts'
import type { Hearing, PageFrame } from './wire.ts'
import tap from './worklet.ts?worker&url'

export type Mode = 'free' | 'push'
/** `off`; `opening` while the browser asks; then what the server says of it. */
export type Ear = 'off' | 'opening' | 'open' | 'speech' | 'writing'

export interface Wires {
  send(frame: PageFrame): boolean
  /** Send samples, with the level of what she sounds like meanwhile. */
  hear(samples: ArrayBuffer, played: number): void
  /** Level of what is heard of her just now, RMS of 1. */
  played(): number
  /** Fall silent, but keep the place. */
  hold(): void
  /** It was nothing: go on. */
  resume(): void
  /** Words were said: stop. */
  said(): void
  tell(text: string): void
}

/** Opens a microphone and gives its samples in chunks; the result closes it. */
export type Tap = (chunk: (samples: ArrayBuffer) => void) => Promise<() => void>

export class Microphone {
  readonly ear = signal<Ear>('off')
  readonly mode = signal<Mode>('free')
  /** How loud it is, 0…1, for the eye. */
  readonly level = signal(0)
  private closing: (() => void) | null = null
  private wanted = 0

  constructor(
    private readonly wires: Wires,
    private readonly open_: Tap = tapped,
  ) {}

  /** Open it, or change how it listens; call from a touch or a key, since the browser asks. */
  async open(mode: Mode): Promise<void> {
    this.mode.value = mode
    if (this.closing) return this.begin()
    const call = ++this.wanted
    this.ear.value = 'opening'
    try {
      const closing = await this.open_((samples) => this.chunk(samples))
      if (call !== this.wanted) return closing()
      this.closing = closing
      this.begin()
    } catch (error) {
      if (call !== this.wanted) return
      this.ear.value = 'off'
      this.wires.tell(t(reason(error)))
    }
  }

  /** Close it; with `drop`, what was said is not meant. */
  close(drop = false): void {
    this.wanted++
    this.closing?.()
    this.closing = null
    if (this.ear.value !== 'off') this.wires.send({ type: 'mic', on: false, drop })
    if (this.ear.value !== 'writing') this.ear.value = 'off'
    this.level.value = 0
  }

  /** The page is connected anew: the server knows of no microphone. */
  again(): void {
    if (this.closing && this.mode.value === 'free') this.begin()
    else if (this.ear.value !== 'opening') this.close(true)
  }

  /** What the server says of it. */
  take(frame: Hearing): void {
    if (frame.notice) this.wires.tell(frame.notice)
    const resting = this.closing ? 'open' : 'off'
    switch (frame.state) {
      case 'speech':
        this.ear.value = 'speech'
        this.wires.hold()
        break
      case 'writing':
        this.ear.value = 'writing'
        break
      case 'said':
        this.ear.value = resting
        this.wires.said()
        break
      case 'nothing':
      case 'deaf':
        this.ear.value = resting
        this.wires.resume()
        break
      case 'open':
        if (this.mode.value === 'push') this.wires.hold()
        this.ear.value = this.mode.value === 'push' ? 'speech' : 'open'
    }
  }

  private begin(): void {
    this.ear.value = 'open'
    this.wires.send({ type: 'mic', on: true, mode: this.mode.value })
  }

  private chunk(samples: ArrayBuffer): void {
    this.level.value = loudness(new Int16Array(samples))
    this.wires.hear(samples, this.wires.played())
  }
}

/** 0…1, as the ear judges loudness: by its logarithm. */
export function loudness(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const level = Math.sqrt(sum / Math.max(1, samples.length)) / 32768
  return Math.max(0, Math.min(1, 1 + Math.log10(Math.max(level, 1e-6) / 0.3) / 2))
}

type Reason = 'micInsecure' | 'micDenied' | 'micMissing'

/** Why there is no microphone, in the page's words. */
function reason(error: unknown): Reason {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError') return 'micDenied'
  return name === 'InsecureError' ? 'micInsecure' : 'micMissing'
}

/** The browser's microphone, with its echo taken out as well as the browser can. */
async function tapped(chunk: (samples: ArrayBuffer) => void): Promise<() => void> {
  if (!navigator.mediaDevices) throw Object.assign(new Error('needs https or localhost'), { name: 'InsecureError' })
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  })
  const context = new AudioContext({ latencyHint: 'interactive' })
  const close = () => {
    for (const track of stream.getTracks()) track.stop()
    void context.close()
  }
  try {
    await context.audioWorklet.addModule(tap)
    const node = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' })
    node.port.onmessage = (event: MessageEvent<ArrayBuffer>) => chunk(event.data)
    context.createMediaStreamSource(stream).connect(node)
    await context.resume()
  } catch (error) {
    close()
    throw error
  }
  return close
}
