// How much drawing this machine can take: steps of quality, climbed down by measured frame time.

export interface Rung {
  /** Pixels per CSS pixel, at most. */
  ratio: number
  outlines: boolean
  /** Frames per second, at most. */
  cap: number
  body: 'vrm' | 'canvas'
}

export const RUNGS: readonly Rung[] = [
  { ratio: 2, outlines: true, cap: 60, body: 'vrm' },
  { ratio: 1.25, outlines: true, cap: 60, body: 'vrm' },
  { ratio: 1, outlines: false, cap: 30, body: 'vrm' },
  { ratio: 0.75, outlines: false, cap: 30, body: 'vrm' },
  { ratio: 0.6, outlines: false, cap: 20, body: 'vrm' },
  { ratio: 0.5, outlines: false, cap: 20, body: 'vrm' },
  { ratio: 1.5, outlines: true, cap: 60, body: 'canvas' },
  { ratio: 1, outlines: true, cap: 30, body: 'canvas' },
]
/** The first rung that is drawn flat. */
export const FLAT = RUNGS.findIndex((rung) => rung.body === 'canvas')

const WINDOW = 24
const SLOW = 1.5
/** Below this she moves too jerkily to be pleasant, even on the last 3-D rung. */
const USABLE_FPS = 9

/** Whether a renderer's name means that the processor draws. */
export function software(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer)
}

export class Ladder {
  private index = 0
  private lowest = RUNGS.length - 1
  private frames: number[] = []
  private calm = 0
  private climbed = false

  constructor(private readonly change: (rung: Rung) => void) {}

  get rung(): Rung {
    return RUNGS[this.index]!
  }

  get level(): number {
    return this.index
  }

  /** Begin where the renderer's name suggests. */
  begin(renderer: string): void {
    // Where the processor draws, the flat body is crisp and quick; the round one would be neither.
    this.go(software(renderer) ? FLAT : 0)
  }

  /** Stay on one rung, or within the 3-D ones: for tests and for people who choose. */
  pin(level: number): void {
    this.lowest = -1
    this.go(level)
  }

  /** Straight to the drawn body, such as when WebGL is gone. */
  bottom(): void {
    this.go(Math.max(FLAT, this.index))
  }

  /** Account for the time between two drawn frames, in milliseconds. */
  frame(ms: number): void {
    if (this.lowest < 0 || ms > 1500) return
    this.frames.push(ms)
    if (this.frames.length < WINDOW) return
    const sorted = [...this.frames].sort((a, b) => a - b)
    const median = sorted[WINDOW >> 1]!
    this.frames = []
    const budget = 1000 / this.rung.cap
    if (median > budget * SLOW) this.down(median)
    else if (median < budget * 1.15) this.up()
    else this.calm = 0
  }

  private down(median: number): void {
    this.calm = 0
    const roundest = this.index === FLAT - 1
    if (roundest && median < 1000 / USABLE_FPS) return
    this.climbed = this.climbed || this.calm > 0
    const leap = median > 150 && this.index < FLAT - 2
    this.go(Math.min(this.lowest, this.index + (leap ? 2 : 1)))
  }

  /** One step back up after a long quiet time, once: quality that swings is worse than quality that is low. */
  private up(): void {
    this.calm++
    if (this.climbed || this.calm < 20 || this.index === 0 || this.index >= 4) return
    this.climbed = true
    this.go(this.index - 1)
  }

  private go(index: number): void {
    this.frames = []
    if (index === this.index) return
    this.index = index
    this.change(this.rung)
  }
}
