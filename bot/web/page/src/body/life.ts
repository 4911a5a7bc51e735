// All of her movement in layers that add up: breath, sway, lids, eyes, beats of speech, whims, gestures.
import { Beating } from './beating.ts'
import { Blinking } from './blinking.ts'
import { Breathing, Swaying } from './breathing.ts'
import type { Held } from './acts.ts'
import type { Pose } from './driver.ts'
import { Gazing } from './gazing.ts'
import { Gestures, posed } from './gestures.ts'
import { Idling } from './idling.ts'
import { between, type Reach, type Side } from './reach.ts'
import { Rhythm } from './rhythm.ts'

/** Where she is in a conversation, which changes how she looks at you. */
export type Mood = 'idle' | 'listening' | 'thinking' | 'speaking'

/** Share of movement left for who asked the system for less. */
const CALM = 0.25

export class Life {
  mood: Mood = 'idle'
  /** Fewer and smaller movements, for who asked the system for that. */
  calm = false
  readonly gestures = new Gestures()
  readonly blinking: Blinking
  readonly gazing: Gazing
  readonly rhythm = new Rhythm()
  private readonly breathing = new Breathing()
  private readonly swaying: Swaying
  private readonly beating: Beating
  private readonly idling: Idling

  constructor(private readonly random: () => number = Math.random) {
    this.blinking = new Blinking(random)
    this.gazing = new Gazing(random)
    this.swaying = new Swaying(random)
    this.beating = new Beating(random)
    this.idling = new Idling(random)
  }

  /** The pose after `dt` more seconds; tell the rhythm first what is heard. */
  step(dt: number): Pose {
    const { mood, calm, swaying, gazing, beating } = this
    this.breathing.step(dt, mood === 'speaking')
    swaying.step(dt)
    gazing.step(dt, mood)
    beating.step(dt, this.rhythm, mood, calm)
    this.whim(dt)
    if ((gazing.jumped && this.random() < 0.6) || (this.rhythm.border && this.random() < 0.7)) this.blinking.soon()
    this.blinking.step(dt)
    const limbs = this.gestures.step(dt)
    const size = calm ? CALM : 1
    const { listens, ponders } = beating
    const aside = mood === 'thinking' ? 0.09 : 0
    return {
      head: [
        size * (swaying.pitch - gazing.head.y * 0.09 + beating.nod) + 0.03 * listens + limbs.head[0],
        size * (swaying.yaw + gazing.head.x * 0.16) + limbs.head[1],
        size * (swaying.roll + aside + 0.06 * listens - 0.14 * ponders) + limbs.head[2],
      ],
      spine: [0.035 * listens + limbs.spine[0], size * 0.02 * swaying.sway + limbs.spine[1], size * 0.014 * swaying.sway + limbs.spine[2]],
      breath: this.breathing.level,
      sway: size * swaying.sway,
      shrug: limbs.shrug,
      lids: [Math.max(limbs.lids, this.blinking.lids[0]), Math.max(limbs.lids, this.blinking.lids[1])],
      left: this.hand('left', limbs.left),
      right: this.hand('right', limbs.right),
    }
  }

  private hand(side: Side, held: Held | null): Reach {
    const rest = this.beating.reach(side)
    const drifted: Reach = { ...rest, at: [rest.at[0], rest.at[1] + 0.006 * this.breathing.level, rest.at[2] + (this.calm ? 0 : 0.012 * this.swaying.sway * (side === 'left' ? 1 : -1))] }
    return held ? taken(drifted, held) : drifted
  }

  /** Something small of her own accord, when nothing else goes on. */
  private whim(dt: number): void {
    const whim = this.idling.step(dt, this.mood === 'idle' && !this.calm && !this.gestures.busy)
    if (whim === 'shift') this.swaying.shift(2 * this.random() - 1)
    else if (whim === 'glance') this.gazing.glance()
    else if (whim) this.gestures.idle(whim)
  }
}

/** Standing still in the middle of a gesture, for pictures. */
export function still(gesture: string, at: number, intensity: number): Pose {
  const calm = new Beating(() => 0.5)
  const limbs = posed(gesture, at, intensity)
  const hand = (side: Side, held: Held | null) => (held ? taken(calm.reach(side), held) : calm.reach(side))
  return { head: limbs.head, spine: limbs.spine, shrug: limbs.shrug, breath: 0, sway: 0, lids: [limbs.lids, limbs.lids], left: hand('left', limbs.left), right: hand('right', limbs.right) }
}

/** A hand on its way goes round the body, not through it. */
function taken(rest: Reach, held: Held): Reach {
  const reach = between(rest, held.reach, held.share)
  const [x, y, z] = reach.at
  return { ...reach, at: [x, y, z + 0.3 * held.share * (1 - held.share)] }
}
