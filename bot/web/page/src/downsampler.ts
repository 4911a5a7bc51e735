// Brings sound of any rate down to what the server's ear wants, without folding what it cannot hold back into it.

/** Samples per second the server hears. */
export const HEARD_RATE = 16000
/** Neighbours on either side that have a say in a sample. */
const REACH = 24

export class Downsampler {
  private readonly step: number
  private readonly cut: number
  private held = new Float32Array(REACH)
  /** Where the next sample lies in what is held. */
  private place = REACH

  constructor(rate: number) {
    this.step = rate / HEARD_RATE
    this.cut = 0.92 * Math.min(1, 1 / this.step)
  }

  /** The next samples at our rate, signed 16-bit. */
  push(samples: Float32Array): Int16Array<ArrayBuffer> {
    const all = new Float32Array(this.held.length + samples.length)
    all.set(this.held)
    all.set(samples, this.held.length)
    const found: number[] = []
    for (; this.place + REACH < all.length; this.place += this.step) found.push(this.at(all, this.place))
    const done = Math.max(0, Math.floor(this.place) - REACH)
    this.held = all.slice(done)
    this.place -= done
    return Int16Array.from(found, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))))
  }

  /** A windowed sinc around a place between samples. */
  private at(all: Float32Array, place: number): number {
    const middle = Math.floor(place)
    let sum = 0
    let weights = 0
    for (let i = middle - REACH + 1; i <= middle + REACH; i++) {
      const away = i - place
      const x = Math.PI * this.cut * away
      const weight = (x === 0 ? 1 : Math.sin(x) / x) * (0.5 + 0.5 * Math.cos((Math.PI * away) / REACH))
      sum += weight * (all[i] ?? 0)
      weights += weight
    }
    return sum / weights
  }
}
