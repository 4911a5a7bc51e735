// Mouths that have a shape of their own for each viseme (Oculus or ARKit morph targets), driven directly.
import type { Mesh, Object3D } from 'three'
import { type Mix, VISEMES, type Viseme } from '../track.ts'

interface Share {
  values: number[]
  at: number
  weight: number
}

export class Morphs {
  private readonly shares = new Map<Viseme, Share[]>()
  private readonly all: Share[] = []

  /** Find the morph targets a manifest names, in every mesh below `root`. */
  constructor(root: Object3D, table: Readonly<Record<string, Readonly<Record<string, number>>>>) {
    root.traverse((each) => {
      const { morphTargetDictionary: names, morphTargetInfluences: values } = each as Mesh
      if (!names || !values) return
      for (const viseme of VISEMES) {
        for (const [name, weight] of Object.entries(table[viseme] ?? {})) {
          const at = names[name]
          if (at === undefined) continue
          const share = { values, at, weight }
          this.all.push(share)
          this.shares.set(viseme, [...(this.shares.get(viseme) ?? []), share])
        }
      }
    })
  }

  get found(): boolean {
    return this.all.length > 0
  }

  /** Show a mix of visemes; call after whatever else moves the same targets. */
  set(mix: Mix): void {
    for (const { values, at } of this.all) values[at] = 0
    for (const [viseme, shares] of this.shares) {
      const amount = mix[viseme] ?? 0
      if (amount) for (const { values, at, weight } of shares) values[at] = Math.min(1, values[at]! + amount * weight)
    }
  }
}
