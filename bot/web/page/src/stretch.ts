// Speech quicker or slower at its own pitch: windows overlap where they fit best (WSOLA), sound comes in and goes out in pieces.

const WINDOW_S = 0.03
/** How far a window may move to fit the one before. */
const SEARCH_S = 0.008
/** Fits are compared on every fourth sample, then finely around the best. */
const COARSE = 4

export class Stretch {
  private readonly hop: number
  private readonly reach: number
  private readonly fade: Float32Array
  /** Sound that is still needed; its first sample is number `from` of all that came in. */
  private kept = new Float32Array(0)
  private from = 0
  /** Where the next window is due, in samples that came in. */
  private due = 0
  /** What would follow the last window by nature. */
  private tail: Float32Array | null = null

  constructor(
    readonly rate: number,
    readonly speed: number,
  ) {
    this.hop = Math.round((WINDOW_S * rate) / 2)
    this.reach = Math.round(SEARCH_S * rate)
    this.fade = Float32Array.from({ length: this.hop }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / this.hop))
  }

  /** Take more sound in; gives what is ready, about `1 / speed` times as long. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    const kept = new Float32Array(this.kept.length + samples.length)
    kept.set(this.kept)
    kept.set(samples, this.kept.length)
    this.kept = kept
    const { hop, reach } = this
    const ready: Float32Array[] = []
    while (Math.round(this.due) - this.from + reach + 2 * hop <= this.kept.length) {
      const at = this.fit(Math.round(this.due) - this.from)
      ready.push(this.joined(this.kept.subarray(at, at + hop)))
      this.tail = this.kept.slice(at + hop, at + 2 * hop)
      this.due += hop * this.speed
      this.forget()
    }
    return flat(ready)
  }

  /** The rest, when nothing more comes. */
  flush(): Float32Array<ArrayBuffer> {
    const start = Math.max(0, Math.min(this.kept.length, Math.round(this.due) - this.from))
    const rest = this.kept.slice(start)
    const count = Math.min(rest.length, this.hop)
    const tail = this.tail
    if (tail) for (let i = 0; i < count; i++) rest[i] = tail[i]! * (1 - this.fade[i]!) + rest[i]! * this.fade[i]!
    this.kept = new Float32Array(0)
    this.from = this.due = 0
    this.tail = null
    return rest
  }

  /** The place near `about` whose sound goes on most like the last window would. */
  private fit(about: number): number {
    const { tail, reach } = this
    if (!tail) return about
    const low = Math.max(0, about - reach)
    const high = about + reach
    let best = about
    let most = -Infinity
    const look = (from: number, to: number, step: number) => {
      for (let at = from; at <= to; at += step) {
        const fits = this.likeness(at, tail, step)
        if (fits > most) [most, best] = [fits, at]
      }
    }
    look(low, high, COARSE)
    most = -Infinity
    look(Math.max(low, best - COARSE), Math.min(high, best + COARSE), 1)
    return best
  }

  private likeness(at: number, tail: Float32Array, step: number): number {
    let sum = 0
    let power = 1e-9
    for (let i = 0; i < tail.length; i += step) {
      const sample = this.kept[at + i]!
      sum += sample * tail[i]!
      power += sample * sample
    }
    return sum / Math.sqrt(power)
  }

  private joined(next: Float32Array): Float32Array {
    const { tail, fade } = this
    return tail ? next.map((sample, i) => tail[i]! * (1 - fade[i]!) + sample * fade[i]!) : next.slice()
  }

  private forget(): void {
    const old = Math.max(0, Math.round(this.due) - this.from - this.reach)
    this.kept = this.kept.slice(Math.min(old, this.kept.length))
    this.from += old
  }
}

function flat(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
