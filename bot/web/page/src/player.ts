// Plays sound without gaps and is the clock of everything she does: a position in seconds on one endless timeline.

import { Stretch } from './stretch.ts'

/** The little of an AudioContext the player needs, so that tests can bring their own. */
export type SoundContext = Pick<
  AudioContext,
  'currentTime' | 'state' | 'destination' | 'sampleRate' | 'resume' | 'createGain' | 'createBuffer' | 'createBufferSource' | 'decodeAudioData' | 'addEventListener'
> & { outputLatency?: number; baseLatency?: number }

interface Chunk {
  buffer: AudioBuffer
  /** Place on the timeline in seconds. */
  at: number
  source: AudioBufferSourceNode | null
}

/** Sound that comes too late for its place starts this much after now. */
const LEAD_S = 0.03
const FADE_S = 0.06

export class Player {
  /** Called when the last sound there is has been played, or playing stopped. */
  onIdle: () => void = () => undefined
  private context: SoundContext | null = null
  private voice: GainNode | null = null
  private master: GainNode | null = null
  private chunks: Chunk[] = []
  private anchor = { time: 0, position: 0 }
  private running = false
  private held = false
  private loudness = 1
  private silent = false
  private rate = 1
  private end = 0
  /** Changes the tempo where the speed is not 1. */
  private stretch: Stretch | null = null
  /** When, on the context's clock, the sound that is scheduled ends. */
  private until = 0

  constructor(private readonly make: () => SoundContext) {}

  /** Whether the browser still keeps the sound off, waiting for a touch. */
  get locked(): boolean {
    return this.context !== null && this.context.state !== 'running'
  }

  /** Whether sound is going on or held. */
  get playing(): boolean {
    return this.chunks.length > 0 && this.position < this.end - 1e-6
  }

  get holding(): boolean {
    return this.held
  }

  /** End of the sound there is, in seconds on the timeline. */
  get length(): number {
    return this.end
  }

  /** Where the clock stands, in seconds on the timeline; it never runs beyond the sound there is. */
  get position(): number {
    if (!this.running || !this.context) return this.anchor.position
    const passed = Math.max(0, this.context.currentTime - this.anchor.time) * this.rate
    return Math.min(this.end, this.anchor.position + passed)
  }

  /** What the ear hears just now: the clock less the time sound takes to come out. */
  get heardPosition(): number {
    const latency = this.running ? Math.min(0.3, this.context?.outputLatency || this.context?.baseLatency || 0) : 0
    return Math.max(0, this.position - latency * this.rate)
  }

  /** How loud what the ear hears just now is, RMS of 1. */
  get loud(): number {
    if (!this.running || this.silent) return 0
    const at = this.position
    const chunk = this.chunks.find((each) => at >= each.at && at < each.at + each.buffer.duration)
    if (!chunk) return 0
    const { sampleRate } = chunk.buffer
    const middle = Math.round((at - chunk.at) * sampleRate)
    const samples = chunk.buffer.getChannelData(0).subarray(Math.max(0, middle - sampleRate * 0.03), middle + sampleRate * 0.03)
    return this.loudness * Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length))
  }

  /** Make the context, and wake it; call from a touch or key so that the browser allows it. */
  async unlock(): Promise<boolean> {
    const context = this.open()
    if (context.state !== 'running') await context.resume().catch(() => undefined)
    return !this.locked
  }

  /** Make the context without a touch, to learn whether sound is allowed. */
  open(): SoundContext {
    if (this.context) return this.context
    const context = this.make()
    this.master = context.createGain()
    this.voice = context.createGain()
    this.voice.connect(this.master)
    this.master.connect(context.destination)
    this.master.gain.value = this.silent ? 0 : this.loudness
    this.context = context
    return context
  }

  /** Samples as sound. */
  buffer(samples: Float32Array<ArrayBuffer>, rate: number): AudioBuffer {
    const buffer = this.open().createBuffer(1, Math.max(1, samples.length), rate)
    buffer.copyToChannel(samples, 0)
    return buffer
  }

  /** A file's sound from sample `skip` on, `samples` long (both at `rate`; 0 samples means all there is). */
  async decoded(bytes: Uint8Array, skip: number, samples: number, rate: number): Promise<AudioBuffer> {
    const context = this.open()
    const whole = await context.decodeAudioData(bytes.slice().buffer)
    const scale = whole.sampleRate / rate
    const from = Math.min(whole.length, Math.round(skip * scale))
    const count = samples > 0 ? Math.min(whole.length - from, Math.round(samples * scale)) : whole.length - from
    const cut = context.createBuffer(1, Math.max(1, count), whole.sampleRate)
    cut.copyToChannel(whole.getChannelData(0).slice(from, from + count), 0)
    return cut
  }

  /** Put sound at the end of the timeline; gives the place it got, in seconds. */
  append(buffer: AudioBuffer): number {
    const context = this.open()
    if (this.running && this.position >= this.end) this.freeze(this.end)
    const chunk: Chunk = { buffer, at: this.end, source: null }
    this.end += buffer.duration
    this.chunks.push(chunk)
    if (this.held) return chunk.at
    if (!this.running) {
      this.anchor = { time: context.currentTime + LEAD_S, position: this.anchor.position }
      this.running = true
      this.unfade()
    }
    this.schedule(chunk)
    return chunk.at
  }

  /** Fade out and stop the clock; nothing is lost. */
  hold(): void {
    if (this.held) return
    this.held = true
    this.freeze(this.position)
    this.silence()
  }

  /** Go on where hold stopped. */
  resume(): void {
    if (!this.held) return
    this.held = false
    if (this.position < this.end) this.restart()
  }

  /** Fade out and drop all sound; the clock jumps to the end of the timeline. */
  stop(): void {
    const was = this.playing
    this.held = false
    this.silence()
    this.chunks = []
    this.freeze(this.end)
    if (was) this.onIdle()
  }

  volume(value: number): void {
    this.loudness = Math.min(1, Math.max(0, value))
    this.level()
  }

  mute(on: boolean): void {
    this.silent = on
    this.level()
  }

  /** 1 is as spoken; the clock runs with it, the pitch stays. */
  speed(rate: number): void {
    const was = this.running
    this.freeze(this.position)
    this.rate = rate
    if (!was || this.held) return
    this.silence()
    if (this.position < this.end) this.restart()
  }

  private restart(): void {
    const context = this.open()
    this.anchor = { time: context.currentTime + LEAD_S, position: this.anchor.position }
    this.running = true
    this.unfade()
    for (const chunk of this.chunks) this.schedule(chunk)
  }

  private schedule(chunk: Chunk): void {
    const { position, time } = this.anchor
    const offset = Math.max(0, position - chunk.at)
    if (offset >= chunk.buffer.duration) return
    if (this.rate === 1) return this.start(chunk, chunk.buffer, time + Math.max(chunk.at, position) - position, offset)
    const { sampleRate } = chunk.buffer
    if (this.stretch?.rate !== sampleRate) this.stretch = new Stretch(sampleRate, this.rate)
    const samples = this.stretch.push(chunk.buffer.getChannelData(0).subarray(Math.round(offset * sampleRate)))
    this.start(chunk, this.buffer(samples, sampleRate), Math.max(this.until, time), 0)
  }

  private start(chunk: Chunk, buffer: AudioBuffer, at: number, offset: number): void {
    if (!this.context || !this.voice) return
    const source = this.context.createBufferSource()
    source.buffer = buffer
    source.connect(this.voice)
    source.onended = () => this.ended(chunk, source)
    source.start(at, offset)
    this.until = at + buffer.duration - offset
    chunk.source = source
  }

  private ended(chunk: Chunk, source: AudioBufferSourceNode): void {
    if (chunk.source !== source) return
    const last = this.chunks.length === 1 && this.chunks[0] === chunk
    const rest = last && this.stretch ? this.stretch.flush() : null
    if (rest?.length) return this.start(chunk, this.buffer(rest, chunk.buffer.sampleRate), this.until, 0)
    this.chunks = this.chunks.filter((each) => each !== chunk)
    if (this.chunks.length > 0) return
    this.freeze(this.end)
    this.onIdle()
  }

  private freeze(position: number): void {
    this.anchor = { time: 0, position }
    this.running = false
    this.stretch = null
    this.until = 0
  }

  /** Let the sources fade, end them, and put a fresh gain in place for what comes next. */
  private silence(): void {
    if (!this.context || !this.voice || !this.master) return
    const now = this.context.currentTime
    this.voice.gain.setValueAtTime(1, now)
    this.voice.gain.linearRampToValueAtTime(0, now + FADE_S)
    for (const chunk of this.chunks) {
      const source = chunk.source
      chunk.source = null
      if (source) source.stop(now + FADE_S)
    }
    this.voice = this.context.createGain()
    this.voice.connect(this.master)
  }

  private unfade(): void {
    if (this.voice) this.voice.gain.value = 1
  }

  private level(): void {
    if (!this.master || !this.context) return
    this.master.gain.setTargetAtTime(this.silent ? 0 : this.loudness, this.context.currentTime, 0.015)
  }
}
