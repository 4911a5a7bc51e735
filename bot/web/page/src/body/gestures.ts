// Plays gestures: each begins from wherever the body is, so one may interrupt another without a jump.
import { ACTS, type Act, type Held, IDLE_ACTS, type Limbs } from './acts.ts'
import { between, mixed } from './reach.ts'
import { glide, mix } from './vector.ts'

export const GESTURES = Object.keys(ACTS)

/** Seconds in which one gesture gives way to the next. */
const FADE_S = 0.42

export class Gestures {
  /** The gesture going on; '' for none, and for what she does by herself. */
  name = ''
  private act: Act | null = null
  private passed = 0
  private strength = 1
  private from: Limbs = resting()
  private fade = 1
  private shown: Limbs = resting()

  get busy(): boolean {
    return this.act !== null
  }

  /** Begin a gesture; unknown ones are left out, and so is the one going on. */
  begin(name: string, intensity: number): void {
    if (!Object.hasOwn(ACTS, name) || name === this.name) return
    this.name = name
    this.start(ACTS[name]!, Math.min(1.2, Math.max(0.3, intensity)))
  }

  /** Do something small by herself, unless a gesture goes on. */
  idle(name: string): void {
    if (!this.act && Object.hasOwn(IDLE_ACTS, name)) this.start(IDLE_ACTS[name]!, 1)
  }

  /** Let go of what goes on. */
  stop(): void {
    if (this.act) this.start(null, 1)
    this.name = ''
  }

  /** Where the body is after `dt` more seconds. */
  step(dt: number): Limbs {
    this.passed += dt
    if (this.act && this.passed >= this.act.seconds) {
      this.act = null
      this.name = ''
    }
    this.fade = Math.min(1, this.fade + dt / FADE_S)
    const target = this.act ? limbs(this.act, this.passed / this.act.seconds, this.strength) : resting()
    this.shown = this.fade >= 1 ? target : faded(this.from, target, glide(this.fade))
    return this.shown
  }

  private start(act: Act | null, strength: number): void {
    this.from = this.shown
    this.fade = 0
    this.act = act
    this.passed = 0
    this.strength = strength
  }
}

/** A gesture at a share 0…1 of its time. */
export function posed(name: string, t: number, intensity = 1): Limbs {
  const act = ACTS[name] ?? IDLE_ACTS[name]
  return act ? limbs(act, t, intensity) : resting()
}

export function resting(): Limbs {
  return { head: [0, 0, 0], spine: [0, 0, 0], shrug: 0, lids: 0, left: null, right: null }
}

function limbs(act: Act, t: number, strength: number): Limbs {
  return { ...resting(), ...act.at(t, strength) }
}

function faded(a: Limbs, b: Limbs, share: number): Limbs {
  return {
    head: mixed(a.head, b.head, share),
    spine: mixed(a.spine, b.spine, share),
    shrug: mix(a.shrug, b.shrug, share),
    lids: mix(a.lids, b.lids, share),
    left: held(a.left, b.left, share),
    right: held(a.right, b.right, share),
  }
}

/** A hand on its way from one gesture to the next; who holds it more says more of where it is. */
function held(a: Held | null, b: Held | null, share: number): Held | null {
  const before = (a?.share ?? 0) * (1 - share)
  const after = (b?.share ?? 0) * share
  if (before + after < 1e-6) return null
  const reach = !a ? b!.reach : !b ? a.reach : between(a.reach, b.reach, after / (before + after))
  return { reach, share: before + after }
}
