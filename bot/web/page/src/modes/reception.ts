// What a kiosk does with people: it waits for them, greets who comes, listens, says goodbye, and forgets.

export type Scene = 'attract' | 'greeting' | 'talking' | 'goodbye'

export interface Acts {
  /** Invite whoever is about. */
  beckon(): void
  greet(): void
  part(): void
  /** Let nothing remain of who was here. */
  renew(): void
  changed(scene: Scene): void
}

/** Seconds. */
const BECKON_S = 24
const PASSED_S = 5
/** A key and the click it makes are one touch. */
const SAME_S = 0.5
const AWAY_S = 15
const FAREWELL_S = 6
/** However busy she seems, who did nothing for so long is gone: something hangs. */
const PATIENCE_S = 300

export class Reception {
  scene: Scene = 'attract'
  private present: boolean | null = null
  /** Whether the next presence is an arrival: who stays after a goodbye is not greeted again. */
  private expecting = true
  private entered: number
  /** When somebody was last seen, and last did something. */
  private seenAt = Number.NEGATIVE_INFINITY
  private active: number
  private acted: number
  private beckoned: number
  private gone = false

  constructor(
    private readonly acts: Acts,
    private readonly idle: number,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.entered = this.active = this.acted = this.beckoned = now()
  }

  /** What the camera says; null when there is none. */
  seen(present: boolean | null): void {
    if (this.present && present === false) this.seenAt = this.now()
    this.present = present
    if (present === false) this.expecting = true
    if (present && this.expecting && this.scene === 'attract') this.greet()
  }

  /** A touch, a click or a key. */
  touched(): void {
    this.active = this.acted = this.now()
    if (this.scene === 'attract') this.greet()
    else if (this.scene === 'greeting') this.active - this.entered < SAME_S || this.enter('talking')
    else if (this.scene === 'goodbye') {
      // Who was seen to go is another one than who touches now.
      if (!this.gone) return this.enter('talking')
      this.acts.renew()
      this.greet()
    }
  }

  /** Somebody said something. */
  talked(): void {
    this.active = this.acted = this.now()
    this.expecting = false
    if (this.scene !== 'talking') this.enter('talking')
  }

  /** Look at the clock; `busy` while she answers. */
  tick(busy: boolean): void {
    const now = this.now()
    if (busy && now - this.acted < PATIENCE_S) this.active = now
    const quiet = now - this.active
    const away = this.present === false ? now - Math.max(this.seenAt, this.active) : 0
    if (this.scene === 'attract') this.wait(now)
    else if (this.scene === 'greeting') {
      if (quiet >= this.idle || (away >= PASSED_S && now - this.entered >= PASSED_S)) this.leave()
    } else if (this.scene === 'talking') {
      if (quiet >= this.idle || away >= AWAY_S) this.part(away >= AWAY_S)
    } else if (now - this.entered >= FAREWELL_S) this.leave()
  }

  private wait(now: number): void {
    if (this.present && this.expecting) return this.greet()
    if (now - this.beckoned < BECKON_S) return
    this.beckoned = now
    this.acts.beckon()
  }

  private greet(): void {
    this.active = this.acted = this.now()
    this.expecting = false
    this.enter('greeting')
    this.acts.greet()
  }

  private part(gone: boolean): void {
    this.gone = gone
    this.enter('goodbye')
    this.acts.part()
  }

  private leave(): void {
    this.acts.renew()
    this.enter('attract')
    this.beckoned = this.now()
  }

  private enter(scene: Scene): void {
    this.scene = scene
    this.entered = this.now()
    this.acts.changed(scene)
  }
}
