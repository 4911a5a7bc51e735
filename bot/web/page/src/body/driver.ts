// What a body can do, whatever it is drawn with; anyone can add another by this interface.
import type { Rung } from '../ladder.ts'
import type { Mix } from '../track.ts'
import type { Limbs } from './gestures.ts'

/** Weights of VRM's five mouth shapes. */
export interface Mouth {
  aa: number
  ih: number
  ou: number
  ee: number
  oh: number
}

/** What a living body does all the time. Angles in radians, positive yaw to her left, pitch down, roll to her left shoulder. */
export interface Pose {
  yaw: number
  pitch: number
  roll: number
  /** -1…1, out…in. */
  breath: number
  sway: number
  lean: number
  /** 0 open … 1 closed. */
  blink: number
}

export interface Frame {
  /** Where the picture is wide or a phone's low stage. */
  bust: boolean
  /** Share of the width by which she stands right of the middle. */
  shift: number
}

export interface AvatarDriver {
  readonly canvas: HTMLCanvasElement
  setMouth(mouth: Mouth, mix: Mix): void
  /** Weights of the manifest's VRM expressions. */
  setExpression(weights: Readonly<Record<string, number>>): void
  /** -1…1 each, to her left and up; 0, 0 looks at you. */
  setGaze(x: number, y: number): void
  setPose(pose: Pose): void
  /** Additional angles of a gesture that is going on; null for none. */
  gesture(limbs: Limbs | null): void
  size(width: number, height: number, rung: Rung, frame: Frame): void
  update(dt: number): void
  dispose(): void
}
