// Small stand-ins for what the browser brings: a sound device with a hand-moved clock, a socket, a store.
import type { Socket, Store } from '../src/link.ts'
import type { SoundContext } from '../src/player.ts'
import type { Entry } from '../src/wire.ts'

class FakeParam {
  value = 1
  setValueAtTime(): void {}
  linearRampToValueAtTime(): void {}
  setTargetAtTime(value: number): void {
    this.value = value
  }
}

class FakeNode {
  readonly gain = new FakeParam()
  connect(): void {}
}

export class FakeSource {
  buffer: { duration: number } | null = null
  readonly playbackRate = new FakeParam()
  onended: (() => void) | null = null
  at = 0
  offset = 0
  stopped = false
  done = false
  connect(): void {}
  start(at: number, offset: number): void {
    this.at = at
    this.offset = offset
  }
  stop(): void {
    this.stopped = true
  }
  get end(): number {
    return this.at + ((this.buffer?.duration ?? 0) - this.offset) / this.playbackRate.value
  }
}

/** A sound device whose clock moves when the test says so. */
export class FakeSound {
  currentTime = 0
  state: AudioContextState = 'running'
  readonly sampleRate = 24000
  readonly destination = null
  readonly sources: FakeSource[] = []
  readonly buffers: Float32Array[] = []
  resume = async (): Promise<void> => {
    this.state = 'running'
  }
  createGain = () => new FakeNode()
  createBuffer = (_channels: number, length: number, rate: number) => {
    const data = new Float32Array(length)
    this.buffers.push(data)
    return {
      length,
      sampleRate: rate,
      duration: length / rate,
      copyToChannel: (from: Float32Array) => data.set(from.subarray(0, length)),
      getChannelData: () => data,
    }
  }
  createBufferSource = () => {
    const source = new FakeSource()
    this.sources.push(source)
    return source
  }
  /** Decodes nothing: one second of silence. */
  decodeAudioData = async () => this.createBuffer(1, 24000, 24000)
  addEventListener(): void {}

  get context(): SoundContext {
    return this as unknown as SoundContext
  }

  /** Let time pass; sources end when their time has come. */
  pass(seconds: number): void {
    const until = this.currentTime + seconds
    for (;;) {
      const next = this.sources.filter((each) => !each.done && !each.stopped && each.end <= until).sort((a, b) => a.end - b.end)[0]
      if (!next) break
      this.currentTime = Math.max(this.currentTime, next.end)
      next.done = true
      next.onended?.()
    }
    this.currentTime = until
  }
}

export class FakeSocket implements Socket {
  binaryType = ''
  readyState = 0
  bufferedAmount = 0
  onopen: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: ((event: CloseEvent) => void) | null = null
  onerror: ((event: Event) => void) | null = null
  readonly sent: (Record<string, unknown> | Uint8Array)[] = []
  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data)
  }
  close(): void {
    this.readyState = 3
  }
  opens(): void {
    this.readyState = 1
    this.onopen?.({} as Event)
  }
  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent)
  }
  breaks(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code } as CloseEvent)
  }
  /** The JSON frames of a type that were sent. */
  of(type: string): Record<string, unknown>[] {
    return this.sent.filter((each): each is Record<string, unknown> => !(each instanceof Uint8Array) && each['type'] === type)
  }
}

export function fakeStore(kept: Record<string, string> = {}): Store & { kept: Record<string, string> } {
  return {
    kept,
    getItem: (key) => kept[key] ?? null,
    setItem: (key, value) => {
      kept[key] = value
    },
    removeItem: (key) => {
      delete kept[key]
    },
  }
}

/** Timers that run when the test says so. */
export class FakeTimers {
  private waiting: { run: () => void; at: number }[] = []
  now = 0
  later = (run: () => void, ms: number): unknown => {
    const timer = { run, at: this.now + ms }
    this.waiting.push(timer)
    return timer
  }
  never = (timer: unknown): void => {
    this.waiting = this.waiting.filter((each) => each !== timer)
  }
  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = this.waiting.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.never(next)
      this.now = next.at
      next.run()
    }
    this.now = until
  }
  get next(): number {
    return Math.min(...this.waiting.map((each) => each.at)) - this.now
  }
}

export function entry(number: number, fields: Partial<Entry> = {}): Entry {
  return {
    type: 'entry', entry: number, author: 'persona', state: 'answered', at: number, id: '', turn: '', parts: [{ type: 'text', text: `#${number}` }],
    rating: 0, heard: null, utterances: [], cues: [], cites: [], label: '', ...fields,
  }
}

export function welcome(fields: object = {}): { type: 'welcome' } & Record<string, unknown> {
  return {
    type: 'welcome', protocol: 'zhiyin.1', visitor: 'v1', conversation: 'page:a', persona: { id: 'p', name: { zh: '音', en: 'Yin' }, greeting: { zh: '', en: '' } },
    avatar: '', notice: '', limits: { text: 8000, picture_mb: 8 }, more: false, ...fields,
  }
}

/** Let promises that are ready run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
