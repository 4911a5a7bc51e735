// Gestures written by hand as functions of time: angles for the humanoid's bones, and hints for the drawn body.

/** Euler angles in radians of VRM's normalised bones (T-pose is zero), added to how she stands. An arm's are applied in
 * the order twist about itself (x), forward (y), up and down (z): the right arm's z lowers it, its elbow bends by y. */
export type Angles = readonly [x: number, y: number, z: number]

export interface Arm {
  upper: Angles
  lower: Angles
  hand: Angles
  /** Fingers: 0 relaxed, 1 straight. */
  open: number
}

/** Where a gesture has the body at one moment. */
export interface Limbs {
  head: Angles
  spine: Angles
  /** Metres-free rise of the shoulders, 0…1. */
  shrug: number
  left: Arm | null
  right: Arm | null
  /** How far the arms have left their hanging place, 0…1. */
  arms: number
  /** The drawn body's hand: how far it is up 0…1, its swing, and where. */
  hand: { up: number; swing: number; place: 'side' | 'chin' | 'both' | 'none' }
}

interface Clip {
  seconds: number
  at(t: number, intensity: number): Partial<Limbs>
}

const STILL: Limbs = { head: [0, 0, 0], spine: [0, 0, 0], shrug: 0, left: null, right: null, arms: 0, hand: { up: 0, swing: 0, place: 'none' } }

/** Rises in the first share, stays, falls in the last share of 0…1. */
function plateau(t: number, rise: number, fall: number): number {
  return smooth(Math.min(1, t / rise)) * smooth(Math.min(1, (1 - t) / fall))
}

function smooth(x: number): number {
  const c = Math.min(1, Math.max(0, x))
  return c * c * c * (c * (6 * c - 15) + 10)
}

const CLIPS: Record<string, Clip> = {
  wave: {
    seconds: 2.6,
    at(t, k) {
      const up = plateau(t, 0.2, 0.22)
      const swing = Math.sin(t * 2.6 * 2 * Math.PI * 1.9) * plateau(t, 0.24, 0.2)
      return {
        head: [0.02, -0.06 * up, -0.1 * up * k],
        arms: up,
        right: { upper: [-1.02, 0.42, 0.95], lower: [0, 2.28 + 0.2 * swing * k, 0], hand: [0.45, 0.22 * swing, 0], open: 1 },
        hand: { up, swing: swing * k, place: 'side' },
      }
    },
  },
  nod: {
    seconds: 1.15,
    at: (t, k) => ({ head: [0.24 * k * Math.sin(t * Math.PI * 4 - 0.3) * plateau(t, 0.15, 0.35), 0, 0] }),
  },
  shake: {
    seconds: 1.4,
    at: (t, k) => ({ head: [0.03, 0.3 * k * Math.sin(t * Math.PI * 5) * plateau(t, 0.12, 0.35), 0] }),
  },
  bow: {
    seconds: 2.2,
    at(t, k) {
      const down = plateau(t, 0.36, 0.42)
      return { head: [0.12 * down * k, 0, 0], spine: [0.34 * down * k, 0, 0] }
    },
  },
  think: {
    seconds: 3.2,
    at(t, k) {
      const up = plateau(t, 0.2, 0.2)
      return {
        head: [-0.07 * up, 0.16 * up * k, 0.13 * up * k],
        arms: up,
        right: { upper: [0.2, 0.58, 1.12], lower: [0, 2.47, 0], hand: [-0.6, 0.1, -0.2], open: 0.05 },
        hand: { up, swing: 0, place: 'chin' },
      }
    },
  },
  shrug: {
    seconds: 1.7,
    at(t, k) {
      const up = plateau(t, 0.25, 0.35)
      return {
        head: [0.03, 0, 0.15 * up * k],
        shrug: up * k,
        arms: up,
        left: { upper: [-0.43, 0, -1.2], lower: [0, -1.62, 0], hand: [-1.4, 0, 0.2], open: 0.8 },
        right: { upper: [-0.43, 0, 1.2], lower: [0, 1.62, 0], hand: [-1.4, 0, -0.2], open: 0.8 },
        hand: { up: up * k, swing: 0, place: 'both' },
      }
    },
  },
}

export const GESTURES = Object.keys(CLIPS)

/** Plays one gesture at a time. */
export class Gesture {
  name = ''
  private passed = 0
  private strength = 1

  /** Begin a gesture; unknown ones are left out. */
  begin(name: string, intensity: number): void {
    if (!CLIPS[name] || name === this.name) return
    this.name = name
    this.passed = 0
    this.strength = Math.min(1.2, Math.max(0.3, intensity))
  }

  /** The limbs after `dt` more seconds; null when no gesture goes on. */
  step(dt: number): Limbs | null {
    const clip = CLIPS[this.name]
    if (!clip) return null
    this.passed += dt
    if (this.passed >= clip.seconds) {
      this.name = ''
      return null
    }
    return { ...STILL, ...clip.at(this.passed / clip.seconds, this.strength) }
  }
}
