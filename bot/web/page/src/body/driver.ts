// What a body can do, whatever it is drawn with; anyone can add another by this interface.
import type { Rung } from '../ladder.ts'
import type { Mix } from '../track.ts'
import type { Reach } from './reach.ts'
import type { Vec } from './vector.ts'

/** Weights of VRM's five mouth shapes. */
export interface Mouth {
  aa: number
  ih: number
  ou: number
  ee: number
  oh: number
}

/** Where the whole body is. Angles in radians: forward, to her left, towards her left shoulder. */
export interface Pose {
  head: Vec
  spine: Vec
  /** -1…1, out…in. */
  breath: number
  /** Weight on her left foot … on her right, 1…-1. */
  sway: number
  /** Rise of the shoulders, 0…1. */
  shrug: number
  /** Lids of her left and right eye, 0 open … 1 closed. */
  lids: [left: number, right: number]
  left: Reach
  right: Reach
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
  size(width: number, height: number, rung: Rung, frame: Frame): void
  update(dt: number): void
  dispose(): void
}
