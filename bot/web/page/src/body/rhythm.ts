// The stresses and clause borders of what is being said, found in the mouth's track a little ahead of the ear.
import type { MouthTrack } from '../track.ts'

/** A stroke needs this long to arrive on its syllable. */
const AHEAD_MS = 130
const REST_MS = 420

export class Rhythm {
  /** Strength 0…1 of a stressed syllable about to sound; 0 for none. */
  stress = 0
  /** Whether a clause ended in this step. */
  border = false
  private track: MouthTrack | null = null
  private until = 0
  private usual = 0.7
  private last = Number.NEGATIVE_INFINITY

  /** Look at what lies between the last step and this one; null while nothing sounds. */
  step(heard: { track: MouthTrack; ms: number } | null): void {
    this.stress = 0
    this.border = false
    if (!heard) {
      this.border = this.track !== null
      this.track = null
      return
    }
    const { track, ms } = heard
    if (track !== this.track) {
      this.track = track
      this.until = ms - 20
      this.last = Number.NEGATIVE_INFINITY
    }
    for (const moment of track.moments) {
      if (moment.at > ms + AHEAD_MS) break
      if (moment.kind === 'border') this.border ||= moment.at > this.until && moment.at <= ms
      else if (moment.at > this.until + AHEAD_MS) this.heed(moment.at, moment.strength)
    }
    this.until = ms
  }

  /** A vowel is a stress when it is stronger than those before it and the last one lies behind. */
  private heed(at: number, strength: number): void {
    const strong = strength > this.usual * 1.02 || at - this.last > 3 * REST_MS
    this.usual += (strength - this.usual) * 0.2
    if (!strong || at - this.last < REST_MS) return
    this.last = at
    this.stress = Math.min(1, strength)
  }
}
