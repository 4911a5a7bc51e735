// Colours of the drawn girl; another palette dyes each family of them as its first colour is dyed.
import type { Palette } from '../manifest.ts'

/** Families by the palette's names; the first colour of each is the one a palette gives. */
const FAMILIES = {
  hair: { hair: '#54436a', hairDeep: '#382a4a', hairLight: '#75618f', hairLine: '#2a1f39', hairTop: '#34274a', hairBack: '#43345a', hairLow: '#604d78', hairEnd: '#59567f', strand: '#241a3499', brow: '#463655', lash: '#241626', lashEnd: '#5a3345' },
  tips: { tip: '#4cc0ac', tipDeep: '#3c8f8e', tipFade: '#487f8b', tipBack: '#3f5f74', tipFringe: '#4f8490' },
  shine: { ring: '#cdbcf0', ringClear: '#cdbcf000', ringHalf: '#cdbcf09e', ringFull: '#e0d4fac7', ringFaint: '#cdbcf04d' },
  eyes: { iris: '#25a695', irisDark: '#136f76', irisTop: '#093640', irisLight: '#bdf9e5', irisLine: '#06252e', pupil: '#05151c', irisGlow: '#cdffeef2', irisGlowEnd: '#78f0d600', irisRay: '#c8fff03d' },
  skin: { skin: '#ffeee5', skinTop: '#fff4ec', skinWarm: '#ffdfd2', skinShade: '#eca492c7', skinLine: '#a8614f' },
  cardigan: { knit: '#93e2cb', knitLight: '#b4f0de', knitDeep: '#68bfa6', knitShade: '#7bd0b9', knitLine: '#2f7f6d', knitFold: '#2f7f6d66', knitSide: '#38927c5c' },
  trim: { trim: '#e9fff7', trimLine: '#57b9a2' },
  bow: { bow: '#1fc380', bowDeep: '#0c8d5b', bowLine: '#075a3b', bowLight: '#58e6aa', bowKnot: '#4fe0a3', bowCrease: '#075a3b80' },
} as const

const FIXED = { white: '#ffffff', paper: '#e3e9f8', paperLine: '#7183ac', lip: '#b04e52' } as const

type Members<F> = F extends unknown ? keyof F : never
export type Ink = Readonly<Record<Members<(typeof FAMILIES)[keyof typeof FAMILIES]> | keyof typeof FIXED, string>>

/** Her colours, dyed by what a palette gives as #rrggbb; anything else in it is left out. */
export function inked(palette: Palette): Ink {
  const ink: Record<string, string> = { ...FIXED }
  for (const [name, family] of Object.entries(FAMILIES)) {
    const to = palette[name as keyof typeof FAMILIES]
    const from = Object.values(family)[0]!
    const known = typeof to === 'string' && /^#[0-9a-f]{6}$/i.test(to) && to.toLowerCase() !== from
    for (const [key, colour] of Object.entries(family)) ink[key] = known ? dyed(colour, from, to) : colour
  }
  return ink as Ink
}

/** A colour moved as `from` moves to `to`: in hue, in share of chroma and of lightness. */
function dyed(colour: string, from: string, to: string): string {
  const [h, s, l] = hsl(colour)
  const [h0, s0, l0] = hsl(from)
  const [h1, s1, l1] = hsl(to)
  const light = l <= l0 ? (l * l1) / Math.max(0.01, l0) : 1 - ((1 - l) * (1 - l1)) / Math.max(0.01, 1 - l0)
  // Not of saturation: that of a pale colour is high, and would make its shades garish.
  const [was, will] = [s0 * room(l0), s1 * room(l1)]
  const chroma = was > 0.01 ? (s * room(l) * will) / was : will
  const strong = Math.min(1, chroma / Math.max(0.01, room(light)))
  // Shades lean to a neighbouring hue; far from home that would be another colour, such as red in pink.
  const drift = turn(h - h0) * (1 - 0.75 * Math.min(1, Math.abs(turn(h1 - h0)) / 60))
  const alpha = colour.length === 9 ? Number.parseInt(colour.slice(7), 16) / 255 : 1
  return `hsl(${(h1 + drift + 360) % 360} ${strong * 100}% ${light * 100}% / ${alpha})`
}

/** How much chroma a lightness leaves room for, 0…1. */
function room(l: number): number {
  return 1 - Math.abs(2 * l - 1)
}

/** The shorter way round the circle of hues, -180…180 degrees. */
function turn(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180
}

/** Hue in degrees, saturation and lightness 0…1 of #rrggbb. */
function hsl(colour: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as [number, number, number]
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)]
  const l = (high + low) / 2
  const d = high - low
  if (d === 0) return [0, 0, l]
  const h = high === r ? ((g - b) / d) % 6 : high === g ? (b - r) / d + 2 : (r - g) / d + 4
  return [h * 60, d / (1 - Math.abs(2 * l - 1)), l]
}
