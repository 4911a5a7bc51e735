// The small movements of someone alive: breath, sway, blinks, glances, and nods on the beats of speech.
import type { Pose } from './driver.ts'

const TAU = 2 * Math.PI

/** Where she is in a conversation, which changes how she looks at you. */
export type Mood = 'idle' | 'listening' | 'thinking' | 'speaking'

export class Life {
  /** Where she looks, -1…1 each. */
  readonly gaze = { x: 0, y: 0 }
  mood: Mood = 'idle'
  /** Fewer and smaller movements, for who asked the system for that. */
  calm = false
  private t = 0
  private blinkIn = 1.4
  private blinkAt = -1
  private twice = false
  private lookIn = 0.8
  private target = { x: 0, y: 0 }
  private beat = 0
  private loud = 0
  private nodding = 0
  private nodTo = 0
  private turn = 0
  private turnTo = 0

  constructor(private readonly random: () => number = Math.random) {}

  /** The pose after `dt` more seconds; `open` is how far the mouth is open, 0…1. */
  step(dt: number, open: number): Pose {
    this.t += dt
    const blink = this.blinking(dt)
    this.looking(dt)
    this.beats(dt, open)
    const size = this.calm ? 0.25 : 1
    const t = this.t
    const tilt = this.mood === 'thinking' ? 0.1 : this.mood === 'listening' ? 0.05 : 0
    this.turn += (this.turnTo + this.gaze.x * 0.1 - this.turn) * (1 - Math.exp(-2.2 * dt))
    return {
      yaw: size * (0.045 * Math.sin(t * 0.47) + 0.03 * Math.sin(t * 0.83 + 1) + this.turn),
      pitch: size * (0.02 * Math.sin(t * 0.77 + 1) - this.gaze.y * 0.05 + this.nodding),
      roll: size * (0.035 * Math.sin(t * 0.39) + 0.018 * Math.sin(t * 0.91) + tilt),
      breath: Math.sin(t * TAU * (this.mood === 'speaking' ? 0.3 : 0.24)),
      sway: size * (0.5 * Math.sin(t * 0.53) + 0.5 * Math.sin(t * 0.31 + 2)),
      lean: this.mood === 'listening' ? 0.03 : 0,
      blink,
    }
  }

  /** Close the eyes soon: with a glance or at a sentence's end, as people do. */
  blinkSoon(): void {
    if (this.blinkAt < 0) this.blinkIn = Math.min(this.blinkIn, 0.05)
  }

  /** Lids fall in 70 ms, rest a moment, and rise in twice the time. */
  private blinking(dt: number): number {
    if (this.blinkAt < 0) {
      this.blinkIn -= dt
      if (this.blinkIn > 0) return 0
      this.blinkAt = 0
      this.twice = this.random() < 0.14
    }
    this.blinkAt += dt
    const at = this.blinkAt
    if (at < 0.07) return ease(at / 0.07)
    if (at < 0.105) return 1
    if (at < 0.255) return 1 - ease((at - 0.105) / 0.15)
    this.blinkAt = -1
    this.blinkIn = this.twice ? 0.08 : 1.6 + 4.2 * this.random() ** 1.4
    return 0
  }

  /** Quick glances with long rests; she looks at you most of the time, and aside to think. */
  private looking(dt: number): void {
    this.lookIn -= dt
    if (this.lookIn <= 0) {
      const contact = { idle: 0.62, listening: 0.9, thinking: 0.15, speaking: 0.72 }[this.mood]
      const away = this.random() > contact
      const reach = this.mood === 'thinking' ? 0.75 : 0.5
      const x = away ? (this.random() < 0.5 ? -1 : 1) * (0.3 + reach * this.random()) : 0.12 * (this.random() - 0.5)
      const y = away ? (this.mood === 'thinking' ? 0.45 : 0.6 * (this.random() - 0.55)) : 0.1 * (this.random() - 0.5)
      if (Math.hypot(x - this.target.x, y - this.target.y) > 0.5 && this.random() < 0.6) this.blinkSoon()
      this.target = { x, y }
      this.turnTo = this.mood === 'speaking' ? 0.12 * (this.random() - 0.5) : 0
      this.lookIn = away ? 0.5 + 0.9 * this.random() : 0.9 + 2.2 * this.random()
    }
    const speed = 1 - Math.exp(-26 * dt)
    this.gaze.x += (this.target.x - this.gaze.x) * speed
    this.gaze.y += (this.target.y - this.gaze.y) * speed
  }

  /** A small nod when a syllable opens the mouth wide after a rest. */
  private beats(dt: number, open: number): void {
    this.beat -= dt
    if (open > 0.5 && this.loud < 0.5 && this.beat <= 0) {
      this.nodTo = 0.035 + 0.05 * this.random()
      this.beat = 0.55 + 0.9 * this.random()
    }
    this.loud = open
    this.nodTo *= Math.exp(-5 * dt)
    this.nodding += (this.nodTo - this.nodding) * (1 - Math.exp(-11 * dt))
  }
}

function ease(x: number): number {
  return x * x * (3 - 2 * x)
}
