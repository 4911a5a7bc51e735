// The fingers of a 3-D hand: folded by a grip, whatever curl its model was made with.
import type { Object3D } from 'three'
import { FINGERS, FOLD, type Grip } from './grip.ts'
import type { Side } from './reach.ts'

const JOINTS = ['Proximal', 'Intermediate', 'Distal'] as const

interface Joint {
  node: Object3D
  /** Radians this joint is bent in the model. */
  made: number
}

export class Fingers {
  private readonly rows: readonly (readonly (Joint | null)[])[]
  private readonly thumb: readonly (Object3D | null)[]
  private readonly s: number

  /** `bone` finds the node of a bone's name, null where the model has none; `flip` is -1 for models that face away. */
  constructor(side: Side, bone: (name: string) => Object3D | null, private readonly flip: number) {
    this.s = side === 'left' ? 1 : -1
    this.rows = FINGERS.map((finger) => {
      const nodes = JOINTS.map((joint) => bone(`${side}${finger[0]!.toUpperCase()}${finger.slice(1)}${joint}`))
      const first = this.dip(nodes[1] ?? null)
      const second = nodes[2] ? this.dip(nodes[2]) - first : 0
      return nodes.map((node, at) => node && { node, made: [first, second, second * 0.8][at]! })
    })
    this.thumb = ['Metacarpal', 'Proximal', 'Distal'].map((joint) => bone(`${side}Thumb${joint}`))
  }

  set(grip: Grip): void {
    const { s, flip } = this
    for (const [at, finger] of FINGERS.entries()) {
      const fan = (1.4 - at) * (0.02 + 0.14 * grip.spread)
      for (const [k, joint] of this.rows[at]!.entries()) {
        if (joint) joint.node.rotation.set(0, k === 0 ? -s * fan : 0, -s * flip * (FOLD[k]! * grip[finger] - joint.made), 'YZX')
      }
    }
    const fold = grip.thumb - 0.2
    const over = Math.max(0, fold)
    const { oppose } = grip
    const [root, middle, tip] = this.thumb
    root?.rotation.set(flip * (0.95 * fold + 1.15 * oppose), s * (0.35 * fold - 0.1 * oppose), -s * flip * 0.35 * oppose)
    middle?.rotation.set(flip * (0.5 * over + 0.1 * oppose), s * (0.5 * fold), -s * flip * 0.15 * oppose)
    tip?.rotation.set(flip * 0.3 * over, s * 0.6 * over, 0)
  }

  /** How far a bone's child lies below it: the bend the model was made with. */
  private dip(child: Object3D | null): number {
    return child ? Math.atan2(-child.position.y, Math.hypot(child.position.x, child.position.z)) : 0
  }
}
