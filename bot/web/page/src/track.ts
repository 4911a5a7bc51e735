// The mouth on the sound's clock: shapes that anticipate, outweigh and colour each other as a speaker's do.
import type { VisemeSpan } from './wire.ts'

export const VISEMES = ['sil', 'PP', 'FF', 'TH', 'DD', 'kk', 'CH', 'SS', 'nn', 'RR', 'aa', 'E', 'I', 'O', 'U'] as const
export type Viseme = (typeof VISEMES)[number]
/** How much of each viseme the mouth shows; sums to at most 1, the rest is silence. */
export type Mix = Partial<Record<Viseme, number>>

/** How a shape stands among its neighbours: milliseconds it begins early and lasts late, and how much it outweighs. */
interface Manner {
  early: number
  late: number
  weight: number
}

const VOWEL: Manner = { early: 78, late: 38, weight: 1 }
/** Lips take long to round and to spread again, so the sounds beside take part in it. */
const ROUND: Manner = { early: 125, late: 75, weight: 1.25 }
const TONGUE: Manner = { early: 40, late: 26, weight: 1.7 }
const MANNERS: Record<Viseme, Manner> = {
  sil: VOWEL, PP: { early: 60, late: 56, weight: 1 }, FF: { early: 52, late: 44, weight: 1 }, TH: TONGUE, DD: TONGUE,
  kk: { ...TONGUE, weight: 0.9 }, CH: { early: 56, late: 36, weight: 4 }, SS: { early: 46, late: 30, weight: 4 }, nn: TONGUE,
  RR: { early: 60, late: 40, weight: 1.5 }, aa: VOWEL, E: VOWEL, I: VOWEL, O: ROUND, U: ROUND,
}
/** Shapes that the lips must reach whatever stands beside: met, or the lower one at the teeth. */
const LIPS: Partial<Record<Viseme, number>> = { PP: 1, FF: 0.94 }
/** Lips that meet shorter than this are missed by the eye. */
const CLOSURE_MS = 56
/** In a shorter gap the mouth stays as it is. */
export const GAP_MS = 120
/** From rest the mouth opens this early; to rest it falls from before the end to after it. */
const OPENS_MS = 60
const FALLS_MS = [30, 60] as const
const SETTLE_MS = 25
const KNOWN = new Set<string>(VISEMES)
/** Some engines write the vowels' names in this way. */
const OTHERWISE: Record<string, Viseme> = { ih: 'I', oh: 'O', ou: 'U', ee: 'E', SIL: 'sil' }
const VOWELS = new Set<string>(['aa', 'E', 'I', 'O', 'U'])

/** A span made ready for drawing: it rises between two moments, falls between two others. */
interface Shape {
  name: Viseme
  amount: number
  weight: number
  rise: readonly [number, number]
  fall: readonly [number, number]
  /** Until when this or any shape before still shows. */
  until: number
}

/** A vowel's beginning, or the end of a stretch of speech. */
export interface Moment {
  kind: 'vowel' | 'border'
  at: number
  /** Loudness and length of a vowel, about 0…1; length of the pause in milliseconds. */
  strength: number
}

/** The mouth of one utterance, in milliseconds from its first sample. */
export class MouthTrack {
  private spans: VisemeSpan[] = []
  private shapes: Shape[] = []
  /** What hands, head and lids move by, in order. */
  moments: readonly Moment[] = []

  /** Later knowledge replaces what was there from `start` on. */
  replace(start: number, spans: readonly VisemeSpan[]): void {
    const kept: VisemeSpan[] = []
    for (const [name, from, duration, weight] of this.spans) {
      if (from >= start) break
      kept.push([name, from, Math.min(duration, start - from), weight])
    }
    const named = spans.map(([name, ...rest]): VisemeSpan => [OTHERWISE[name] ?? name, ...rest])
    const known = named.filter((span) => KNOWN.has(span[0]) && span[2] > 0)
    this.spans = [...kept, ...known].sort((a, b) => a[1] - b[1])
    const spoken = this.spans.filter(([name]) => name !== 'sil')
    this.shapes = shaped(spoken)
    this.moments = moments(spoken)
  }

  /** The mix of shapes at a moment; nothing in it is the mouth at rest. */
  at(ms: number): Mix {
    const mix: Mix = {}
    let cover = 0
    let weights = 0
    const first = this.first(ms)
    for (let i = first; i < this.shapes.length; i++) {
      const shape = this.shapes[i]!
      if (shape.rise[0] - ROUND.early > ms) break
      const share = LIPS[shape.name] ? 0 : shows(shape, ms)
      if (share <= 0) continue
      cover += share
      weights += share * shape.weight
      mix[shape.name] = (mix[shape.name] ?? 0) + share * shape.weight * shape.amount
    }
    const scale = weights > 0 ? Math.min(1, cover) / weights : 0
    for (const name in mix) mix[name as Viseme]! *= scale
    return this.meet(mix, first, ms)
  }

  /** Lips that meet leave the rest of the mouth no room. */
  private meet(mix: Mix, first: number, ms: number): Mix {
    for (let i = first; i < this.shapes.length; i++) {
      const shape = this.shapes[i]!
      if (shape.rise[0] - ROUND.early > ms) break
      const full = LIPS[shape.name]
      const share = full ? shows(shape, ms) * full : 0
      if (share <= 0) continue
      for (const name in mix) mix[name as Viseme]! *= 1 - share
      mix[shape.name] = (mix[shape.name] ?? 0) + share
    }
    return mix
  }

  /** First shape that can still matter at this moment, by halving: tracks of a long line have hundreds. */
  private first(ms: number): number {
    let low = 0
    let high = this.shapes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.shapes[middle]!.until < ms) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** When each span rises and falls, which depends on what stands beside it. */
function shaped(spans: readonly VisemeSpan[]): Shape[] {
  const shapes: Shape[] = []
  let until = Number.NEGATIVE_INFINITY
  for (const [i, [name, start, duration, weight]] of spans.entries()) {
    const manner = MANNERS[name as Viseme]
    const end = start + duration
    const before = spans[i - 1]
    const after = spans[i + 1]
    const rests = !before || start - before[1] - before[2] > GAP_MS
    const next = after && after[1] - end <= GAP_MS ? Math.max(end, after[1]) : null
    const settle = Math.min(SETTLE_MS, duration * 0.4)
    let rise: [number, number] = [start - (rests ? OPENS_MS : manner.early), start + settle]
    let fall: [number, number] = next === null ? [end - Math.min(FALLS_MS[0], settle), end + FALLS_MS[1]] : [next - settle, next + manner.late]
    if (LIPS[name as Viseme]) {
      const longer = Math.max(0, CLOSURE_MS - duration) / 2
      rise = [start - longer - manner.early, start - longer]
      fall = [end + longer, end + longer + manner.late]
    }
    until = Math.max(until, fall[1])
    shapes.push({ name: name as Viseme, amount: Math.min(1, weight), weight: manner.weight, rise, fall, until })
  }
  return shapes
}

function moments(spans: readonly VisemeSpan[]): Moment[] {
  const found: Moment[] = []
  for (const [i, [name, start, duration, weight]] of spans.entries()) {
    if (VOWELS.has(name)) found.push({ kind: 'vowel', at: start, strength: weight * (0.55 + 0.45 * Math.min(1, duration / 180)) })
    const pause = (spans[i + 1]?.[1] ?? Number.POSITIVE_INFINITY) - start - duration
    if (pause > 150) found.push({ kind: 'border', at: start + duration, strength: pause })
  }
  return found
}

function shows({ rise, fall }: Shape, ms: number): number {
  if (ms <= rise[0] || ms >= fall[1]) return 0
  return Math.min(ramp(ms, rise[0], rise[1]), 1 - ramp(ms, fall[0], fall[1]))
}

/** Name of the strongest shape; `sil` when nothing moves. */
export function strongest(mix: Mix): Viseme {
  let best: Viseme = 'sil'
  let amount = 0.08
  for (const [name, value] of Object.entries(mix) as [Viseme, number][]) if (value > amount) [best, amount] = [name, value]
  return best
}

/** Smooth 0 → 1 between two moments. */
function ramp(at: number, from: number, to: number): number {
  const x = Math.min(1, Math.max(0, (at - from) / (to - from)))
  return x * x * (3 - 2 * x)
}
