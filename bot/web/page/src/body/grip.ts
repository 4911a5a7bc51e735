// What fingers do: how far each is folded, the same numbers for both bodies.
import { mix } from './vector.ts'

/** 0 straight … 1 folded for each finger; `thumb` 0 spread away … 1 over the palm; `oppose` 1 stands against the fingers; `spread` 0 side by side … 1 fanned. */
export interface Grip {
  thumb: number
  oppose: number
  index: number
  middle: number
  ring: number
  little: number
  spread: number
}

const grip = (thumb: number, index: number, middle: number, ring: number, little: number, spread: number, oppose = 0): Grip => ({ thumb, oppose, index, middle, ring, little, spread })

export const RELAXED = grip(0.3, 0.2, 0.26, 0.32, 0.38, 0.15)
export const OPEN = grip(0.05, 0, 0.02, 0.02, 0.02, 0.85)
export const OFFERED = grip(0.12, 0.06, 0.1, 0.14, 0.16, 0.4)
export const FLAT = grip(0.2, 0.03, 0.03, 0.03, 0.05, 0)
export const POINTING = grip(0.85, 0, 0.85, 0.92, 0.95, 0)
export const CURVED = grip(0.2, 0.42, 0.46, 0.5, 0.54, 0, 1)
export const THOUGHTFUL = grip(0.35, 0.22, 0.72, 0.8, 0.85, 0)
export const LOOSE = grip(0.4, 0.42, 0.5, 0.56, 0.6, 0.05)

export const FINGERS = ['index', 'middle', 'ring', 'little'] as const
/** Bend of the three joints of a folded finger, radians. */
export const FOLD = [1.25, 1.65, 1.05] as const

export function mixedGrip(a: Grip, b: Grip, share: number): Grip {
  return {
    thumb: mix(a.thumb, b.thumb, share),
    oppose: mix(a.oppose, b.oppose, share),
    index: mix(a.index, b.index, share),
    middle: mix(a.middle, b.middle, share),
    ring: mix(a.ring, b.ring, share),
    little: mix(a.little, b.little, share),
    spread: mix(a.spread, b.spread, share),
  }
}
