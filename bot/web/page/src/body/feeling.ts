// Her face: an expression waits for open eyes, comes up softly, is held, and fades to a light smile.
import type { Blinking } from './blinking.ts'
import { toward } from './vector.ts'

const HOLD_S = 3.2
/** How fast a face comes, and how much slower it goes, per second. */
const COMES = 6
const GOES = 1.7
/** Longest wait for the lids. */
const PATIENCE_S = 0.5
const REST: Readonly<Record<string, number>> = { relaxed: 0.15 }

interface Face {
  name: string
  weight: number
  vrm: Readonly<Record<string, number>>
}

const NO_FACE: Face = { name: '', weight: 0, vrm: {} }

export class Feeling {
  private next: Face | null = null
  private face: Face = NO_FACE
  private waits = 0
  private left = 0
  private readonly shown: Record<string, number> = {}

  constructor(private readonly blinking: Blinking) {}

  /** The expression on her face; '' at rest. */
  get name(): string {
    return this.next?.name ?? (this.left > 0 ? this.face.name : '')
  }

  /** Another expression, as strong as `intensity` 0…1. */
  show(name: string, vrm: Readonly<Record<string, number>>, intensity: number): void {
    if (name !== this.face.name) this.blinking.soon()
    this.next = { name, weight: Math.min(1, Math.max(0.2, intensity)), vrm }
    this.waits = PATIENCE_S
  }

  /** Weights of the face after `dt` more seconds; it is held while she speaks, and gives way to a mouth open by `open`. */
  step(dt: number, speaking: boolean, open: number): Record<string, number> {
    this.waits -= dt
    if (this.next && (this.blinking.open || this.waits <= 0)) {
      this.face = this.next
      this.next = null
      this.left = HOLD_S
    }
    if (!speaking) this.left -= dt
    const on = this.left > 0
    const target = on ? this.face.vrm : REST
    const weight = on ? this.face.weight : 1
    const result: Record<string, number> = {}
    for (const name in target) this.shown[name] ??= 0
    for (const name in this.shown) {
      const goal = (target[name] ?? 0) * weight
      const value = this.shown[name]! + (goal - this.shown[name]!) * toward(goal > this.shown[name]! || on ? COMES : GOES, dt)
      if (value < 0.002 && !goal) delete this.shown[name]
      else this.shown[name] = value
      result[name] = value * (1 - 0.45 * open)
    }
    return result
  }
}
