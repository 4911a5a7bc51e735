// Breath and the slow drift of someone who stands.
import { toward } from './vector.ts'

const TAU = 2 * Math.PI

/** -1 out … 1 in; deeper and quicker while she speaks, with a breath taken after a clause. */
export class Breathing {
  level = 0
  private phase = 0
  private rate = 0.23

  step(dt: number, speaking: boolean): void {
    this.rate += ((speaking ? 0.31 : 0.23) - this.rate) * toward(0.7, dt)
    this.phase = (this.phase + dt * this.rate) % 1
    // Breathing in takes two fifths of the time.
    const p = this.phase
    this.level = p < 0.4 ? -Math.cos((p / 0.4) * Math.PI) : Math.cos(((p - 0.4) / 0.6) * Math.PI)
  }
}

/** Drift between places chosen at random: never a loop, never still. */
export class Drift {
  value = 0
  private goal = 0
  private speed = 0
  private left = 0

  constructor(
    private readonly random: () => number,
    /** Seconds on the way to a place, about. */
    private readonly pace: number,
  ) {}

  /** -1…1 after `dt` more seconds. */
  step(dt: number): number {
    this.left -= dt
    if (this.left <= 0) {
      this.goal = 2 * this.random() - 1
      this.left = this.pace * (0.6 + 0.9 * this.random())
    }
    const pull = 4.4 / this.pace
    this.speed += ((this.goal - this.value) * pull * pull - 2 * pull * this.speed) * dt
    this.value += this.speed * dt
    return this.value
  }
}

/** The slow swing of the whole body, and the head's own drift, in radians. */
export class Swaying {
  yaw = 0
  pitch = 0
  roll = 0
  /** -1…1: on which foot her weight is. */
  sway = 0
  private t = 0
  private readonly drifts: readonly [Drift, Drift, Drift]
  private weight = 0
  private weightTo = 0

  constructor(random: () => number) {
    this.drifts = [new Drift(random, 3.1), new Drift(random, 4.3), new Drift(random, 3.7)]
  }

  /** Stand on the other foot. */
  shift(to: number): void {
    this.weightTo = to
  }

  step(dt: number): void {
    this.t = (this.t + dt) % 10_000
    const [yaw, pitch, roll] = this.drifts
    this.yaw = 0.03 * Math.sin(this.t * 0.47) + 0.045 * yaw.step(dt)
    this.pitch = 0.012 * Math.sin(this.t * 0.77 + 1) + 0.02 * pitch.step(dt)
    this.roll = 0.022 * Math.sin((this.t * TAU) / 9.3) + 0.028 * roll.step(dt)
    this.weight += (this.weightTo - this.weight) * toward(1.5, dt)
    this.sway = 0.42 * Math.sin((this.t * TAU) / 7.9) + 0.58 * this.weight
  }
}
