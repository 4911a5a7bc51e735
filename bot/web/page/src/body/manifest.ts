// The body's manifest: which cues there are, what they do, and how mouth shapes become VRM's five.
import { type Mix, VISEMES, type Viseme } from '../track.ts'
import type { Both } from '../wire.ts'
import type { Mouth } from './driver.ts'
import { GESTURES } from './gestures.ts'

interface Able extends Both {
  cues: string[]
}

export interface View {
  /** Height of the picture's middle and its extent, in metres. */
  centre: number
  span: number
}

export type Palette = Partial<Record<'hair' | 'tips' | 'shine' | 'eyes' | 'skin' | 'cardigan' | 'trim' | 'bow' | 'skirt', string>>

export interface Manifest {
  version: number
  body: string
  expressions: Record<string, Able & { vrm: Record<string, number> }>
  gestures: Record<string, Able>
  visemes: Record<string, Partial<Mouth>>
  /** Viseme → morph target → weight, for a body with mouth shapes of its own. */
  morphs: Record<string, Record<string, number>>
  /** Who made a dropped body, and what its licence allows. */
  credits?: { title: string; authors: string[]; licence: string; url: string }
  /** Colours of the drawn body, as CSS writes them. */
  palette: Palette
  camera: { height?: number; bust?: View; half?: View; full?: View }
}

export const SHAPES = ['aa', 'ih', 'ou', 'ee', 'oh'] as const
const NONE = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 }

/** aa, ih, ou, ee, oh of each viseme, for a body whose manifest is silent about it. */
const USUAL: Record<Viseme, readonly number[]> = {
  sil: [0, 0, 0, 0, 0],
  PP: [0, 0, 0, 0, 0],
  FF: [0, 0.18, 0, 0.05, 0],
  TH: [0.1, 0.28, 0, 0, 0],
  DD: [0.08, 0.38, 0, 0.1, 0],
  kk: [0.22, 0.22, 0, 0.12, 0],
  CH: [0, 0.22, 0.48, 0, 0],
  SS: [0, 0.38, 0, 0.2, 0],
  nn: [0.1, 0.3, 0, 0.08, 0],
  RR: [0, 0.12, 0.42, 0, 0.16],
  aa: [1, 0, 0, 0, 0],
  E: [0.12, 0, 0, 0.85, 0],
  I: [0, 0.95, 0, 0, 0],
  O: [0, 0, 0, 0, 1],
  U: [0, 0, 1, 0, 0],
}

/** What the page does until a manifest is there, and where it is missing. */
export const PLAIN: Manifest = {
  version: 1,
  body: '',
  expressions: Object.fromEntries(
    Object.entries({ happy: 'happy', smile: 'relaxed', sad: 'sad', angry: 'angry', surprised: 'surprised', relaxed: 'relaxed' }).map(([name, preset]) => [
      name,
      { zh: name, en: name, cues: [name], vrm: { [preset]: 1 } },
    ]),
  ),
  gestures: Object.fromEntries(GESTURES.map((name) => [name, { zh: name, en: name, cues: [name] }])),
  visemes: {},
  morphs: {},
  palette: {},
  camera: {},
}

/** A manifest with every part there, from what the server sent; PLAIN's parts stand in for missing ones. */
export function manifest(value: unknown): Manifest {
  const given = value !== null && typeof value === 'object' ? (value as Partial<Manifest>) : {}
  return { ...PLAIN, ...given }
}

/** The five weights of a mix of visemes. */
export function mouth(mix: Mix, from: Manifest): Mouth {
  const sum: Mouth = { ...NONE }
  for (const name of VISEMES) {
    const amount = mix[name]
    if (!amount) continue
    const own = from.visemes[name]
    SHAPES.forEach((shape, at) => {
      sum[shape] += amount * (own ? (own[shape] ?? 0) : USUAL[name][at]!)
    })
  }
  return sum
}

/** What a cue means to this body; null when it has no such thing. */
export function meaning(cue: string, from: Manifest): { expression: string } | { gesture: string } | null {
  const find = (all: Record<string, Able>) => Object.keys(all).find((name) => name === cue || all[name]!.cues?.includes(cue))
  const expression = find(from.expressions)
  if (expression) return { expression }
  const gesture = find(from.gestures)
  return gesture ? { gesture } : null
}
