// Where a hand is and what it does: gestures say where hands go, and each body bends its arms to get there.
import { type Grip, mixedGrip } from './grip.ts'
import { about, across, add, cross, dot, framed, inverse, mix, type Quat, times, turned, unit, type Vec } from './vector.ts'

export type Side = 'left' | 'right'

/** A place of one hand. All blends between two of these pass through places an arm can take. */
export interface Reach {
  /** The wrist, in lengths of the arm from the middle between the shoulders: to her left, up, forward. */
  at: Vec
  /** Where the elbow points. */
  pole: Vec
  /** Turn of the hand about the forearm, bend towards the palm and bend towards the thumb, radians. */
  hand: Vec
  grip: Grip
}

/** Lengths of a body's arm in lengths of that arm. */
export interface Build {
  /** From the middle to a shoulder. */
  half: number
  upper: number
  lower: number
}

/** The bones of an arm: turns from the T-pose, each in the one before; and where its joints are. */
export interface Bent {
  upper: Quat
  lower: Quat
  hand: Quat
  shoulder: Vec
  elbow: Vec
  wrist: Vec
  /** Turn of the hand in the body's space. */
  whole: Quat
}

export const BUILD: Build = { half: 0.25, upper: 0.505, lower: 0.495 }

/** Bend an arm so that its wrist is where it should be, or as near as it gets. */
export function bend(side: Side, reach: Reach, build: Build): Bent {
  const s = side === 'left' ? 1 : -1
  const shoulder: Vec = [s * build.half, 0, 0]
  const line = add(reach.at, shoulder, -1)
  const length = Math.min(Math.max(Math.hypot(...line), Math.abs(build.upper - build.lower) + 0.08), (build.upper + build.lower) * 0.998)
  const way = unit(line)
  const along = (length * length + build.upper ** 2 - build.lower ** 2) / (2 * length)
  const aside = Math.sqrt(Math.max(0, build.upper ** 2 - along ** 2))
  const elbow = add(add(shoulder, way, along), unit(across(reach.pole, way)), aside)
  const wrist = add(shoulder, way, length)
  const x = unit(add(elbow, shoulder, -1))
  const forearm = unit(add(wrist, elbow, -1))
  // The forearm bends forward of the upper arm: that fixes how the upper arm is twisted.
  const z = unit(across(forearm, x))
  const ahead: Vec = s > 0 ? x : [-x[0], -x[1], -x[2]]
  const upper = framed(ahead, cross(z, ahead), z)
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(x, forearm))))
  const [roll, flex, thumb] = reach.hand
  const lower = times(about(1, -s * angle), about(0, roll * 0.5))
  const hand = times(times(about(0, roll * 0.5), about(2, -s * flex)), about(1, -s * thumb))
  return { upper, lower, hand, shoulder, elbow, wrist, whole: times(times(upper, lower), hand) }
}

/** A place of the hand by where its fingers and its palm point. */
export function place(side: Side, at: Vec, pole: Vec, fingers: Vec, palm: Vec, grip: Grip): Reach {
  const s = side === 'left' ? 1 : -1
  const still: Reach = { at, pole, hand: [0, 0, 0], grip }
  const arm = bend(side, still, BUILD)
  const way = unit(fingers)
  const x: Vec = s > 0 ? way : [-way[0], -way[1], -way[2]]
  const normal = unit(across(palm, way))
  const y: Vec = [-normal[0], -normal[1], -normal[2]]
  const local = times(inverse(times(arm.upper, arm.lower)), framed(x, y, cross(x, y)))
  const [cx, cy, cz] = [turned(local, [1, 0, 0]), turned(local, [0, 1, 0]), turned(local, [0, 0, 1])]
  const flex = Math.asin(Math.min(1, Math.max(-1, -cy[0])))
  return { ...still, hand: [Math.atan2(cy[2], cy[1]), -s * flex, -s * Math.atan2(cz[0], cx[0])] }
}

/** Between two places. */
export function between(a: Reach, b: Reach, share: number): Reach {
  if (share <= 0) return a
  if (share >= 1) return b
  return { at: mixed(a.at, b.at, share), pole: mixed(a.pole, b.pole, share), hand: mixed(a.hand, b.hand, share), grip: mixedGrip(a.grip, b.grip, share) }
}

/** The same place of the other hand. */
export function mirrored(reach: Reach): Reach {
  const [x, y, z] = reach.at
  const [px, py, pz] = reach.pole
  return { ...reach, at: [-x, y, z], pole: [-px, py, pz] }
}

export function mixed(a: Readonly<Vec>, b: Readonly<Vec>, share: number): Vec {
  return [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)]
}
