// Gestures written by hand as functions of time: where head, spine and hands are, the same for every body.
import { CURVED, FLAT, LOOSE, OFFERED, OPEN, POINTING, THOUGHTFUL } from './grip.ts'
import { mirrored, place, type Reach } from './reach.ts'
import { glide, type Vec } from './vector.ts'

/** A hand that a gesture takes from its rest; `share` 0 at rest … 1 there. */
export interface Held {
  reach: Reach
  share: number
}

/** Where a gesture has the body at one moment. Angles in radians: forward, to her left, towards her left shoulder. */
export interface Limbs {
  head: Vec
  spine: Vec
  /** Rise of the shoulders, 0…1. */
  shrug: number
  /** Lids, 0 as they are … 1 closed. */
  lids: number
  left: Held | null
  right: Held | null
}

export interface Act {
  seconds: number
  /** `t` 0…1 of its time, `k` its intensity; what is left out stays at rest. */
  at(t: number, k: number): Partial<Limbs>
}

const BY_FACE = place('right', [-0.47, 0.08, 0.26], [-0.6, -1, 0], [-0.12, 1, 0.05], [0.1, 0, 1], OPEN)
const CHIN = place('right', [-0.145, 0.045, 0.35], [-0.75, -1, 0], [0.3, 0.94, -0.14], [0.5, 0.1, -0.85], THOUGHTFUL)
const UNDER = place('left', [-0.06, -0.5, 0.36], [0.8, -0.5, -0.3], [-1, 0.1, 0.1], [0, -0.3, -1], LOOSE)
const HELPLESS = place('left', [0.5, -0.34, 0.36], [0.35, -1, -0.35], [0.86, 0.1, 0.5], [-0.1, 0.9, 0.42], OFFERED)
const SHOWING = place('left', [0.47, -0.1, 0.44], [0.3, -1, -0.3], [0.86, 0.22, 0.45], [-0.15, 0.8, 0.58], OFFERED)
const CLAPPING = place('left', [0.1, -0.24, 0.44], [0.7, -1, -0.1], [-0.04, 0.86, 0.5], [-1, 0, 0], FLAT)
const HEART = place('left', [0.15, -0.33, 0.46], [0.8, -0.9, 0], [-0.3, 0.95, 0.06], [-0.93, -0.32, 0.2], CURVED)
const POLITE = place('left', [0.17, -0.54, 0.36], [0.9, 0.1, -0.6], [-0.86, -0.5, 0.06], [-0.1, 0.1, -1], LOOSE)
const SHOWN = place('left', [0.44, -0.05, 0.5], [0.4, -1, -0.1], [0.86, 0.2, 0.46], [0.1, -0.75, 0.66], POINTING)
const HAIR = place('right', [-0.47, 0.17, 0.1], [-0.8, -0.8, 0.15], [0.42, 0.9, 0.02], [0.8, -0.3, -0.5], LOOSE)

/** Rises in the first share, stays, falls in the last share of 0…1. */
function plateau(t: number, rise: number, fall: number): number {
  return glide(t / rise) * glide((1 - t) / fall)
}

/** The hand moved by metres-free steps and turned by radians. */
function moved(reach: Reach, by: Vec, turn: Vec): Reach {
  const [x, y, z] = reach.at
  const [roll, flex, thumb] = reach.hand
  return { ...reach, at: [x + by[0], y + by[1], z + by[2]], hand: [roll + turn[0], flex + turn[1], thumb + turn[2]] }
}

/** Both hands, mirrored, from the left one. */
function both(reach: Reach, share: number): { left: Held; right: Held } {
  return { left: { reach, share }, right: { reach: mirrored(reach), share } }
}

function present(side: 1 | -1): Act {
  return {
    seconds: 2.8,
    at(t, k) {
      const up = plateau(t, 0.26, 0.28)
      const opens = glide((t - 0.12) / 0.24)
      const hand = moved(SHOWING, [-0.1 * (1 - opens), -0.1 * (1 - opens), 0], [-0.5 * (1 - opens), 0, 0])
      const out: Held = { reach: side > 0 ? hand : mirrored(hand), share: up * Math.min(1, 0.75 + 0.25 * k) }
      const look = glide((t - 0.1) / 0.2) * glide((0.72 - t) / 0.25)
      return { head: [0.02 * up, side * 0.2 * look * k, -side * 0.05 * up], spine: [0, side * 0.05 * up, -side * 0.02 * up], ...(side > 0 ? { left: out } : { right: out }) }
    },
  }
}

/** The gestures a manifest can offer. */
export const ACTS: Record<string, Act> = {
  wave: {
    seconds: 2.7,
    at(t, k) {
      const up = plateau(t, 0.2, 0.24)
      const swing = Math.sin(t * 2.7 * 2 * Math.PI * 1.75) * plateau(t, 0.26, 0.26) * k
      const reach = moved(BY_FACE, [-0.055 * swing, -0.01 * swing * swing, 0], [0, 0, -0.3 * swing])
      return { head: [0.02 * up, -0.06 * up, -0.1 * up * k], spine: [0, 0, -0.015 * up], right: { reach, share: up } }
    },
  },
  nod: {
    seconds: 1.25,
    at(t, k) {
      const down = Math.sin(t * Math.PI * 4 - 0.25) * plateau(t, 0.2, 0.42)
      return { head: [0.2 * k * (down + 0.25 * plateau(t, 0.3, 0.4)), 0, 0], spine: [0.02 * k * plateau(t, 0.3, 0.4), 0, 0] }
    },
  },
  shake: {
    seconds: 1.5,
    at: (t, k) => ({ head: [0.04 * plateau(t, 0.25, 0.4), 0.27 * k * Math.sin(t * Math.PI * 5) * plateau(t, 0.2, 0.42), 0], spine: [0, 0.02 * k * Math.sin(t * Math.PI * 5 - 0.5) * plateau(t, 0.2, 0.42), 0] }),
  },
  bow: {
    seconds: 2.6,
    at(t, k) {
      const down = plateau(t, 0.4, 0.44)
      return { head: [0.16 * down * k, 0, 0], lids: down, spine: [0.32 * down * k, 0, 0], ...both(POLITE, plateau(t, 0.28, 0.34)) }
    },
  },
  think: {
    seconds: 3.4,
    at(t, k) {
      const up = plateau(t, 0.22, 0.24)
      const tap = 0.5 - 0.5 * Math.cos(t * 3.4 * 2 * Math.PI * 0.8)
      const right = { ...CHIN, grip: { ...CHIN.grip, index: CHIN.grip.index + 0.14 * tap * up } }
      return { head: [-0.05 * up, 0.1 * up * k, -0.1 * up * k], right: { reach: right, share: up }, left: { reach: UNDER, share: plateau(t, 0.26, 0.3) } }
    },
  },
  shrug: {
    seconds: 1.9,
    at(t, k) {
      const up = plateau(t, 0.28, 0.38)
      return { head: [0.03 * up, 0, 0.14 * up * k], shrug: up * k, ...both(HELPLESS, up * Math.min(1, 0.6 + 0.4 * k)) }
    },
  },
  present_left: present(1),
  present_right: present(-1),
  clap: {
    seconds: 2.6,
    at(t, k) {
      const up = plateau(t, 0.2, 0.24)
      const beat = Math.sin(t * 2.6 * 2 * Math.PI * 2.3)
      const apart = (0.5 + 0.5 * beat) * plateau(t, 0.12, 0.16)
      return { head: [0.03 * up + 0.012 * beat * up * k, 0, 0.05 * up * k], ...both(moved(CLAPPING, [-0.072 + 0.1 * apart * k, -0.02 * apart, 0], [0, 0, 0]), up) }
    },
  },
  heart: {
    seconds: 3,
    at(t, k) {
      const up = plateau(t, 0.24, 0.26)
      const beat = Math.sin(t * 3 * 2 * Math.PI * 0.9) * plateau(t, 0.34, 0.3)
      return { head: [0.03 * up, 0, 0.1 * up * k], spine: [0.015 * up, 0, 0.02 * up], ...both(moved(HEART, [0, 0.012 * beat, 0.02 * beat * k], [0, 0, 0]), up) }
    },
  },
  point: {
    seconds: 2.6,
    at(t, k) {
      const up = plateau(t, 0.24, 0.28)
      const poke = Math.sin(Math.min(1, Math.max(0, (t - 0.24) / 0.3)) * Math.PI * 2) * 0.02 * k
      const look = glide((t - 0.05) / 0.2) * glide((0.7 - t) / 0.25)
      return { head: [0.01 * up, 0.22 * look * k, -0.04 * up], spine: [0, 0.06 * up, 0], left: { reach: moved(SHOWN, [poke, 0, poke], [0, 0, 0]), share: up } }
    },
  },
}

/** What she does by herself when nothing goes on; not offered to the brain. */
export const IDLE_ACTS: Record<string, Act> = {
  hair: {
    seconds: 3.2,
    at(t) {
      const up = plateau(t, 0.3, 0.32)
      const stroke = glide((t - 0.35) / 0.3)
      return { head: [0.05 * up, -0.04 * up, -0.1 * up], right: { reach: moved(HAIR, [-0.03 * stroke, -0.16 * stroke, 0.03 * stroke], [0, 0.12 * stroke, 0]), share: up } }
    },
  },
  stretch: {
    seconds: 3.6,
    at(t) {
      const up = plateau(t, 0.4, 0.36)
      return { head: [-0.07 * up, 0, 0.05 * up], spine: [-0.06 * up, 0, 0.02 * up], shrug: 0.6 * up }
    },
  },
  hum: {
    seconds: 5,
    at(t) {
      const on = plateau(t, 0.2, 0.25)
      return { head: [0.02 * on, 0, 0.085 * Math.sin(t * 5 * 2 * Math.PI * 0.55) * on], spine: [0, 0, 0.02 * Math.sin(t * 5 * 2 * Math.PI * 0.55 - 0.6) * on] }
    },
  },
}
