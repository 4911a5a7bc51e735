// What happens when on the sound's clock: mouth shapes that blend into each other, and moments that fire once.
import type { VisemeSpan } from './wire.ts'

export const VISEMES = ['sil', 'PP', 'FF', 'TH', 'DD', 'kk', 'CH', 'SS', 'nn', 'RR', 'aa', 'E', 'I', 'O', 'U'] as const
export type Viseme = (typeof VISEMES)[number]
/** How much of each viseme the mouth shows; sums to at most 1, the rest is silence. */
export type Mix = Partial<Record<Viseme, number>>

/** Half of the time one shape takes to become the next. */
const BLEND_MS = 28
/** Lips that must meet get this much longer, or the eye misses it. */
const CLOSURE_MS = 14
const CLOSED = new Set<string>(['PP', 'FF'])
const KNOWN = new Set<string>(VISEMES)
/** Some engines write the vowels' names in this way. */
const OTHERWISE: Record<string, Viseme> = { ih: 'I', oh: 'O', ou: 'U', ee: 'E', SIL: 'sil' }

/** The mouth of one utterance, in milliseconds from its first sample. */
export class MouthTrack {
  private spans: VisemeSpan[] = []

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
  }

  get empty(): boolean {
    return this.spans.length === 0
  }

  /** The mix of shapes at a moment: neighbours blend around their border, closed lips keep their full time. */
  at(ms: number): Mix {
    const mix: Mix = {}
    let sum = 0
    for (let i = this.first(ms); i < this.spans.length; i++) {
      const [name, start, duration, weight] = this.spans[i]!
      if (start - BLEND_MS - CLOSURE_MS > ms) break
      const extra = CLOSED.has(name) ? CLOSURE_MS : 0
      const blend = Math.min(BLEND_MS, Math.max(12, duration / 2))
      const rise = ramp(ms, start - extra - blend, start - extra + blend)
      const fall = 1 - ramp(ms, start + duration + extra - blend, start + duration + extra + blend)
      const amount = Math.min(rise, fall) * (extra ? 2 : 1)
      if (amount <= 0) continue
      mix[name as Viseme] = (mix[name as Viseme] ?? 0) + amount * (CLOSED.has(name) ? 1 : weight)
      sum += amount
    }
    if (sum > 1) for (const name of Object.keys(mix) as Viseme[]) mix[name] = mix[name]! / sum
    return mix
  }

  /** First span that can still matter at this moment, by halving: tracks of a long line have hundreds. */
  private first(ms: number): number {
    let low = 0
    let high = this.spans.length
    while (low < high) {
      const middle = (low + high) >> 1
      const span = this.spans[middle]!
      if (span[1] + span[2] + BLEND_MS + CLOSURE_MS < ms) low = middle + 1
      else high = middle
    }
    return low
  }
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
