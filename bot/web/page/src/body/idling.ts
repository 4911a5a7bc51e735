// What someone does who waits: rarely, never twice the same, never by the clock.

export type Whim = 'shift' | 'glance' | 'stretch' | 'hair' | 'hum'

const CHANCES: readonly (readonly [Whim, number])[] = [
  ['shift', 0.36],
  ['glance', 0.3],
  ['hum', 0.14],
  ['hair', 0.12],
  ['stretch', 0.08],
]

export class Idling {
  private waits: number
  private last: Whim | '' = ''

  constructor(private readonly random: () => number) {
    this.waits = 5 + 6 * random()
  }

  /** What comes to her mind after `dt` more seconds of nothing; '' mostly. */
  step(dt: number, free: boolean): Whim | '' {
    if (!free) {
      this.waits = Math.max(this.waits, 3)
      return ''
    }
    this.waits -= dt
    if (this.waits > 0) return ''
    this.waits = 4 + 15 * this.random() ** 1.6
    const whim = this.choose()
    if (whim === this.last && whim !== 'shift') return 'glance'
    this.last = whim
    return whim
  }

  private choose(): Whim {
    let left = this.random()
    for (const [whim, chance] of CHANCES) {
      left -= chance
      if (left < 0) return whim
    }
    return 'shift'
  }
}
