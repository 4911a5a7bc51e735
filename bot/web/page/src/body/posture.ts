// How arms and fingers hang, and how a gesture takes them from there.
import type { Pose } from './driver.ts'
import type { Angles, Arm } from './gestures.ts'

export type Side = 'left' | 'right'

/** Radians the upper arms hang below the T-pose. */
const HANG = 1.27

/** Angles of an arm's bones; `amount` blends from hanging to the gesture's place. */
export function arms(side: Side, raised: Arm | null, amount: number, pose: Pose): Record<'UpperArm' | 'LowerArm' | 'Hand', Angles> {
  const s = side === 'left' ? 1 : -1
  const hang: Arm = {
    upper: [0, -s * 0.06, -s * (HANG - 0.012 * pose.breath - 0.01 * pose.sway * s)],
    lower: [0, -s * 0.22, 0],
    hand: [0, 0, -s * 0.05],
    open: 0,
  }
  const to = raised ?? hang
  return { UpperArm: mixed(hang.upper, to.upper, amount), LowerArm: mixed(hang.lower, to.lower, amount), Hand: mixed(hang.hand, to.hand, amount) }
}

/** Relaxed fingers, more bent towards the little one; `open` straightens them. */
export function fingers(side: Side, open: number): Record<string, Angles> {
  const s = side === 'left' ? -1 : 1
  const angles: Record<string, Angles> = {}
  const bend = 1 - 0.9 * open
  for (const [at, finger] of ['Index', 'Middle', 'Ring', 'Little'].entries()) {
    const curl = s * (0.2 + 0.07 * at) * bend
    angles[`${finger}Proximal`] = [0, s * (1.5 - at) * (0.03 + 0.06 * open), curl]
    angles[`${finger}Intermediate`] = [0, 0, curl * 1.35]
    angles[`${finger}Distal`] = [0, 0, curl * 0.8]
  }
  angles['ThumbMetacarpal'] = [0, s * -0.15, 0]
  angles['ThumbProximal'] = [0, s * -0.2 * bend, 0]
  return angles
}

function mixed(a: Angles, b: Angles, amount: number): Angles {
  return [a[0] + (b[0] - a[0]) * amount, a[1] + (b[1] - a[1]) * amount, a[2] + (b[2] - a[2]) * amount]
}
