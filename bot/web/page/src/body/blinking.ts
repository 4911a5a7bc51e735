// Lids: they fall in a wink of time and rise at leisure, one a little before the other, now and then twice.
import { ease } from './vector.ts'

const FALL_S = 0.07
const REST_S = 0.03
const RISE_S = 0.16

export class Blinking {
  /** 0 open … 1 closed, her left and her right eye. */
  readonly lids: [number, number] = [0, 0]
  private waits = 1.4
  private at = -1
  private again = false
  private skew = 0

  constructor(private readonly random: () => number) {}

  /** Whether the lids are so far open that another face may come up. */
  get open(): boolean {
    return Math.max(...this.lids) < 0.35
  }

  /** Close the eyes soon: with a glance or at a sentence's end, as people do. */
  soon(): void {
    if (this.at < 0) this.waits = Math.min(this.waits, 0.05)
  }

  step(dt: number): void {
    if (this.at < 0) {
      this.waits -= dt
      if (this.waits > 0) return
      this.at = 0
      this.again = !this.again && this.random() < 0.15
      this.skew = (this.random() - 0.5) * 0.024
    } else this.at += dt
    this.lids[0] = lid(this.at + this.skew)
    this.lids[1] = lid(this.at - this.skew)
    if (this.at <= FALL_S + REST_S + RISE_S + 0.02) return
    this.lids[0] = this.lids[1] = 0
    this.at = -1
    this.waits = this.again ? 0.09 : 1.5 + 4.4 * this.random() ** 1.4
  }
}

/** A lid at seconds after its blink began. */
export function lid(at: number): number {
  if (at < FALL_S) return ease(at / FALL_S)
  if (at < FALL_S + REST_S) return 1
  return 1 - ease((at - FALL_S - REST_S) / RISE_S)
}
