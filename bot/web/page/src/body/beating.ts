// Nods and hands on the beats of speech.
import { LOOSE, OFFERED, RELAXED } from './grip.ts'
import { between, mirrored, place, type Reach, type Side } from './reach.ts'
import type { Rhythm } from './rhythm.ts'
import { toward } from './vector.ts'

const HANGING = place('left', [0.475, -0.955, 0.1], [0.35, 0.1, -1], [0.12, -1, 0.14], [-1, -0.1, -0.12], RELAXED)
/** A hand that explains: before the waist, half open. */
const TALKING = place('left', [0.33, -0.5, 0.4], [0.45, -0.8, -0.6], [-0.28, 0.5, 0.82], [-0.62, 0.62, 0.32], OFFERED)
const STROKE = { ...place('left', [0.38, -0.57, 0.43], [0.45, -0.8, -0.6], [-0.05, 0.22, 0.95], [-0.4, 0.85, 0.25], LOOSE), grip: OFFERED }
/** Hands that listen: one in the other, low. */
const FOLDED = place('left', [0.16, -0.66, 0.33], [0.9, 0, -0.6], [-0.75, -0.55, 0.16], [-0.1, 0.15, -1], LOOSE)
/** The hand at her chin when an answer takes long. */
const PONDERING = place('right', [-0.145, 0.035, 0.35], [-0.75, -1, 0], [0.3, 0.94, -0.14], [0.5, 0.1, -0.85], { ...LOOSE, index: 0.25 })

/** What one hand does while nobody asked it for a gesture. */
class Idle {
  up = 0
  goal = 0
  beat = 0
  private stroke = 0

  step(dt: number): void {
    this.up += (this.goal - this.up) * toward(this.goal > this.up ? 4 : 2.2, dt)
    this.beat *= Math.exp(-5.5 * dt)
    this.stroke += (this.beat - this.stroke) * toward(14, dt)
  }

  reach(): Reach {
    return between(HANGING, between(TALKING, STROKE, this.stroke), this.up)
  }
}

export class Beating {
  /** Pitch of the head, radians. */
  nod = 0
  /** How much she listens and ponders, 0…1. */
  listens = 0
  ponders = 0
  private push = 0
  private readonly hands = { left: new Idle(), right: new Idle() }
  private side: Side = 'right'
  private quiet = 0
  private thought = 0
  private hmm = 2

  constructor(private readonly random: () => number) {}

  step(dt: number, rhythm: Rhythm, mood: 'idle' | 'listening' | 'thinking' | 'speaking', calm: boolean): void {
    this.quiet = mood === 'speaking' ? 0 : this.quiet + dt
    if (rhythm.stress > 0 && mood === 'speaking') this.accent(rhythm.stress, calm)
    if (rhythm.border || this.quiet > 0.4) this.clause(calm)
    this.thought = mood === 'thinking' ? this.thought + dt : 0
    this.listens += ((mood === 'listening' ? 1 : 0) - this.listens) * toward(2.2, dt)
    this.ponders += ((this.thought > 2.2 && !calm ? 1 : 0) - this.ponders) * toward(2.4, dt)
    if (mood === 'listening') this.hear(dt)
    this.push *= Math.exp(-5 * dt)
    this.nod += (this.push - this.nod) * toward(11, dt)
    this.hands.left.step(dt)
    this.hands.right.step(dt)
  }

  /** Where a hand is when no gesture holds it. */
  reach(side: Side): Reach {
    const left = this.hands[side].reach()
    const folded = between(left, FOLDED, 0.92 * this.listens)
    const own = side === 'left' ? folded : mirrored(folded)
    return side === 'right' ? between(own, PONDERING, this.ponders) : own
  }

  private accent(strength: number, calm: boolean): void {
    this.push = Math.max(this.push, (0.03 + 0.05 * this.random()) * strength * (calm ? 0.4 : 1))
    const hand = this.hands[this.side]
    if (hand.goal > 0) hand.beat = 0.55 + 0.45 * strength
    else if (!calm && this.random() < 0.45) {
      hand.goal = 0.62 + 0.38 * this.random()
      if (this.random() < 0.25) this.hands[this.side === 'left' ? 'right' : 'left'].goal = 0.55
    }
  }

  /** Between clauses hands sink or change. */
  private clause(calm: boolean): void {
    if (this.quiet === 0 && !calm && this.random() < 0.4) return
    this.hands.left.goal = this.hands.right.goal = 0
    if (this.random() < 0.6) this.side = this.side === 'left' ? 'right' : 'left'
  }

  /** A small nod now and then says: go on. */
  private hear(dt: number): void {
    this.hmm -= dt
    if (this.hmm > 0) return
    this.push = 0.07 + 0.04 * this.random()
    this.hmm = 2.4 + 3.5 * this.random()
  }
}
