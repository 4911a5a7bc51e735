// Eyes: quick jumps with rests between, small ones all the time, large ones by what goes on.
import type { Mood } from './life.ts'
import { toward } from './vector.ts'

/** Share of glances that meet your eyes. */
const CONTACT: Record<Mood, number> = { idle: 0.62, listening: 0.92, thinking: 0.12, speaking: 0.72 }
/** Eyes jump in about 40 ms. */
const JUMP = 48
const FOLLOW = 2.4

export class Gazing {
  /** Where she looks, -1…1 each. */
  readonly at = { x: 0, y: 0 }
  /** What of it the head follows, slowly. */
  readonly head = { x: 0, y: 0 }
  /** Whether this step began a large jump. */
  jumped = false
  private aim = { x: 0, y: 0 }
  private tiny = { x: 0, y: 0 }
  private waits = 0.8
  private tinyWaits = 0.3
  private mood: Mood = 'idle'

  constructor(private readonly random: () => number) {}

  step(dt: number, mood: Mood): void {
    this.jumped = false
    // Another state of the talk shows in her eyes at once.
    if (mood !== this.mood) this.waits = Math.min(this.waits, 0.12)
    this.mood = mood
    this.waits -= dt
    if (this.waits <= 0) this.choose(this.random() > CONTACT[mood])
    this.tinyWaits -= dt
    if (this.tinyWaits <= 0) {
      this.tiny = { x: 0.07 * (this.random() - 0.5), y: 0.05 * (this.random() - 0.5) }
      this.tinyWaits = 0.25 + 0.9 * this.random()
    }
    const jump = toward(JUMP, dt)
    this.at.x += (this.aim.x + this.tiny.x - this.at.x) * jump
    this.at.y += (this.aim.y + this.tiny.y - this.at.y) * jump
    const follow = toward(FOLLOW, dt)
    this.head.x += (this.aim.x - this.head.x) * follow
    this.head.y += (this.aim.y - this.head.y) * follow
  }

  /** Look somewhere else for a while. */
  glance(): void {
    this.choose(true)
    this.waits += 0.8
  }

  private choose(away: boolean): void {
    const { random, mood } = this
    const thinking = mood === 'thinking'
    const side = random() < 0.5 ? -1 : 1
    const x = away ? side * (0.25 + (thinking ? 0.4 : 0.5) * random()) : 0.08 * (random() - 0.5)
    const y = away ? (thinking ? 0.3 + 0.3 * random() : 0.55 * (random() - 0.6)) : 0.06 * (random() - 0.5)
    this.jumped = Math.hypot(x - this.aim.x, y - this.aim.y) > 0.35
    this.aim = { x, y }
    this.waits = away ? 0.5 + (thinking ? 1.5 : 0.9) * random() : 0.9 + 2.6 * random()
  }
}
