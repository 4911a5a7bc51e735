// Whether somebody stands before the camera: small grey pictures against what the empty room looks like. Nothing of them is kept.

export const WIDTH = 64
export const HEIGHT = 48
export const RATE = 5

const PIXELS = WIDTH * HEIGHT
/** Seconds until the camera has found its exposure and the room is known. */
const WARM_S = 1.2
/** Grey levels a pixel must differ, at least; noisy ones must differ by more. */
const CHANGE = 16
const NOISE = 4
/** Share of the picture that is a person, and that is none any more. */
const COMES = 0.045
const GOES = 0.02
/** Seconds it must be so. */
const COMES_S = 0.6
const GOES_S = 2
/** Share of the picture that moves when somebody is alive in it. */
const STIRS = 0.006
/** Somebody who stirs within this is still there, whatever the light did. */
const ALIVE_S = 8
/** What stands this long without stirring is furniture. */
const FURNITURE_S = 150
/** More than this share changing at once is a lamp, not a person. */
const LAMP = 0.65
/** Seconds the room takes to look as it does after a lamp was switched. */
const SETTLE_S = 1
/** How fast the room follows the daylight, in seconds. */
const DAYLIGHT_S = 6

export class Presence {
  present = false
  private room: Float32Array | null = null
  private readonly noise = new Float32Array(PIXELS).fill(2)
  private readonly before = new Float32Array(PIXELS)
  private readonly mask = new Uint8Array(PIXELS)
  private began = 0
  private last = 0
  /** Since when the picture says otherwise than `present`. */
  private since = 0
  private stirred = Number.NEGATIVE_INFINITY
  private still = 0
  private settles = 0

  /** Look at a grey picture, WIDTH × HEIGHT, at a time in seconds; whether somebody is there. */
  see(frame: Uint8Array, now: number): boolean {
    if (!this.room) return this.enter(frame, now)
    const dt = Math.min(2, Math.max(0, now - this.last))
    this.last = now
    const light = shift(frame, this.before)
    const moving = this.moving(frame, light)
    const lamp = moving.jump > LAMP && Math.abs(light) > CHANGE
    this.before.set(frame)
    if (lamp) this.settles = now + SETTLE_S
    if (now < this.settles || now - this.began < WARM_S) return this.learn(frame)
    const mass = this.compare(frame)
    if (mass > LAMP) return this.learn(frame)
    if (moving.share > STIRS && mass > GOES / 2) {
      this.stirred = now
      this.still = now
    }
    if (mass < GOES) this.still = now
    this.follow(frame, dt, now - this.still > FURNITURE_S)
    return this.decide(mass, now)
  }

  private enter(frame: Uint8Array, now: number): boolean {
    this.room = Float32Array.from(frame)
    this.before.set(frame)
    this.began = this.last = this.since = this.still = now
    return false
  }

  /** The room looks like this now. */
  private learn(frame: Uint8Array): boolean {
    this.room!.set(frame)
    return this.present
  }

  /** Share of the picture that moved since the last one beyond the change of light, and share that changed at all. */
  private moving(frame: Uint8Array, light: number): { share: number; jump: number } {
    let share = 0
    let jump = 0
    for (let i = 0; i < PIXELS; i++) {
      const change = frame[i]! - this.before[i]!
      if (Math.abs(change) > CHANGE) jump++
      if (Math.abs(change - light) > CHANGE) share++
    }
    return { share: share / PIXELS, jump: jump / PIXELS }
  }

  /** Share of the picture that is not the room; single pixels are noise. */
  private compare(frame: Uint8Array): number {
    const room = this.room!
    const light = shift(frame, room)
    for (let i = 0; i < PIXELS; i++) this.mask[i] = Math.abs(frame[i]! - room[i]! - light) > Math.max(CHANGE, NOISE * this.noise[i]!) ? 1 : 0
    let mass = 0
    for (let y = 1; y < HEIGHT - 1; y++) {
      for (let x = 1; x < WIDTH - 1; x++) {
        const i = y * WIDTH + x
        if (this.mask[i] && this.mask[i - 1]! + this.mask[i + 1]! + this.mask[i - WIDTH]! + this.mask[i + WIDTH]! >= 2) mass++
      }
    }
    return mass / PIXELS
  }

  /** The room changes with the daylight; what stands before it does not become room, unless it is furniture. */
  private follow(frame: Uint8Array, dt: number, furniture: boolean): void {
    const room = this.room!
    const share = 1 - Math.exp(-dt / DAYLIGHT_S)
    for (let i = 0; i < PIXELS; i++) {
      if (this.mask[i] && !furniture) continue
      const change = frame[i]! - room[i]!
      room[i]! += change * share
      this.noise[i]! += (Math.min(12, Math.abs(change)) - this.noise[i]!) * share * 0.3
    }
  }

  private decide(mass: number, now: number): boolean {
    const alive = now - this.stirred < ALIVE_S && this.present && this.settles > now - ALIVE_S
    const says = this.present ? mass > GOES || alive : mass > COMES
    if (says === this.present) this.since = now
    else if (now - this.since >= (says ? COMES_S : GOES_S)) {
      this.present = says
      this.since = now
    }
    return this.present
  }
}

/** How much brighter one picture is than another: the median of the differences, in grey levels. */
function shift(frame: ArrayLike<number>, other: ArrayLike<number>): number {
  const counts = new Uint16Array(511)
  for (let i = 0; i < PIXELS; i++) counts[Math.round(frame[i]! - other[i]!) + 255]!++
  let seen = 0
  for (let level = 0; level < counts.length; level++) {
    seen += counts[level]!
    if (seen >= PIXELS / 2) return level - 255
  }
  return 0
}
