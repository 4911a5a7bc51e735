// Everything about the drawn girl that changes from frame to frame, and what expressions change of it.
import type { Reach } from '../reach.ts'

export interface Look {
  yaw: number
  pitch: number
  roll: number
  breath: number
  /** Sideways drift of loose hair. */
  sway: number
  /** 1 open, 0 closed. */
  open: number
  /** Eyes laughing: they close upwards. */
  laugh: number
  /** Lids of her left and right eye, 0 open … 1 closed. */
  lids: [left: number, right: number]
  wide: number
  wink: number
  gazeX: number
  gazeY: number
  /** Up is positive. */
  brow: number
  /** Inner ends up (sad) or down (angry). */
  browIn: number
  /** -1 … 1. */
  smile: number
  blush: number
  shrug: number
  bow: number
  /** Tilt of the whole body, radians towards her left. */
  lean: number
  mouth: MouthShape
  left: Reach
  right: Reach
}

/** A mouth: jaw opening, width, roundness, teeth above and below, tongue, and lips pressed or lower lip tucked in. */
export interface MouthShape {
  open: number
  width: number
  round: number
  upper: number
  lower: number
  tongue: number
  press: number
  tuck: number
}

/** How one VRM expression changes the drawn face; numbers are added. */
export type Change = Partial<Pick<Look, 'open' | 'laugh' | 'wide' | 'wink' | 'brow' | 'browIn' | 'smile' | 'blush' | 'gazeX' | 'gazeY' | 'pitch' | 'roll'>>

export const EXPRESSIONS: Record<string, Change> = {
  happy: { laugh: 0.45, open: -0.22, smile: 0.6, blush: 0.35, brow: 0.35 },
  joy: { laugh: 1, open: -1, smile: 0.7, blush: 0.55, brow: 0.5 },
  smile: { smile: 0.45, blush: 0.15, brow: 0.12 },
  relaxed: { smile: 0.35, open: -0.2, blush: 0.1 },
  sad: { browIn: 1, open: -0.25, smile: -1, gazeY: -0.2, pitch: 0.18 },
  angry: { browIn: -1.05, open: -0.18, smile: -0.9, brow: -0.3 },
  surprised: { wide: 1, brow: 1.1, smile: -0.35 },
  shy: { blush: 1, smile: 0.2, browIn: 0.45, gazeX: -0.3, gazeY: -0.3, open: -0.12, roll: 0.05 },
  thinking: { browIn: 0.35, brow: 0.25, gazeX: 0.5, gazeY: 0.5, smile: -0.25 },
  wink: { wink: 1, smile: 0.5, blush: 0.2 },
}
