// The 15 mouth shapes of the drawn girl, and the mouth itself.
import { type Mix, VISEMES, type Viseme } from '../../track.ts'
import type { Look, MouthShape } from './look.ts'
import { CX, type Pen, type Step } from './pen.ts'

const S = (open: number, width: number, round = 0, upper = 0, lower = 0, tongue = 0, press = 0, tuck = 0): MouthShape => ({ open, width, round, upper, lower, tongue, press, tuck })

export const SHAPES: Record<Viseme, MouthShape> = {
  sil: S(0, 1),
  PP: S(0, 0.9, 0.12, 0, 0, 0, 1),
  FF: S(0.13, 0.96, 0, 1, 0, 0, 0, 1),
  TH: S(0.24, 1, 0, 0.9, 0, 1),
  DD: S(0.28, 1.02, 0, 0.9, 0.2, 0.8),
  kk: S(0.4, 1.02, 0, 0.6, 0, 0.15),
  CH: S(0.27, 0.72, 0.6, 0.95, 0.75),
  SS: S(0.17, 1.16, 0, 1, 1),
  nn: S(0.24, 1.02, 0, 0.8, 0, 0.9),
  RR: S(0.3, 0.76, 0.55, 0.5, 0, 0.4),
  aa: S(1, 1.06, 0, 0.7, 0, 0.3),
  E: S(0.52, 1.18, 0, 0.9, 0.15, 0.35),
  I: S(0.3, 1.26, 0, 1, 0.35, 0.2),
  O: S(0.74, 0.74, 0.9, 0.25, 0, 0.15),
  U: S(0.36, 0.5, 1),
}
const NAMES = Object.keys(SHAPES.sil) as (keyof MouthShape)[]

/** The shape of a mix; what the mix leaves open is the closed mouth. */
export function blended(mix: Mix): MouthShape {
  const shape = { ...SHAPES.sil }
  for (const name of VISEMES) {
    const amount = mix[name]
    if (amount) for (const key of NAMES) shape[key] += amount * (SHAPES[name][key] - SHAPES.sil[key])
  }
  return shape
}

const Y = 566
const DEPTH = 0.42

export function drawMouth(pen: Pen, look: Look): void {
  const { open, width, round, press } = look.mouth
  const smile = Math.max(-1, Math.min(1, look.smile))
  const w = (37 + 9 * Math.max(0, smile)) * width * (1 - 0.3 * round)
  const lift = 13 * smile * (1 - 0.65 * round) * (1 - 0.5 * press)
  if (open < 0.06) closed(pen, w, lift, press)
  else opened(pen, look.mouth, w, lift, open * 56)
}

function closed(pen: Pen, w: number, lift: number, press: number): void {
  const dip = lift > 0 ? 1 : 0.6
  const steps: Step[] = [
    ['M', CX - w, Y - lift * 0.72],
    ['C', CX - w * 0.52, Y + lift * 0.7 * dip, CX - 9, Y + lift * 0.62, CX, Y + lift * 0.56 - 1.5],
    ['C', CX + 9, Y + lift * 0.62, CX + w * 0.52, Y + lift * 0.7 * dip, CX + w, Y - lift * 0.72],
  ]
  pen.path(steps, DEPTH)
  pen.line(pen.ink.lip, 3.6 - press)
  for (const s of [-1, 1]) {
    pen.path([['M', CX + s * w, Y - lift * 0.72 - 2], ['Q', CX + s * (w + 5), Y - lift * 0.72 - 3, CX + s * (w + 6), Y - lift * 0.72 - 8 * Math.sign(lift)]], DEPTH)
    pen.line('rgba(176,78,82,.55)', 2.2)
  }
  const under = Y + 20 + lift * 0.3
  pen.path([['M', CX - 12, under], ['Q', CX, under + 3.5, CX + 12, under]], DEPTH)
  pen.line(`rgba(214,120,110,${0.5 + 0.3 * press})`, 2.6)
}

function opened(pen: Pen, shape: MouthShape, w: number, lift: number, h: number): void {
  const { round, upper, lower, tongue, tuck } = shape
  const corner = Y - lift * 0.7 + round * h * 0.32
  const top = Y + 1 - h * (0.1 + 0.2 * round)
  const bow = 2.4 * (1 - round)
  const full = 0.9 + 0.1 * round
  const steps: Step[] = [
    ['M', CX - w, corner],
    ['C', CX - w * 0.86, corner - h * 0.28 * round - 3, CX - w * 0.34, top - bow, CX, top + bow],
    ['C', CX + w * 0.34, top - bow, CX + w * 0.86, corner - h * 0.28 * round - 3, CX + w, corner],
    ['C', CX + w * full, Y + h * 0.62, CX + w * 0.52, Y + h, CX, Y + h],
    ['C', CX - w * 0.52, Y + h, CX - w * full, Y + h * 0.62, CX - w, corner],
    ['Z'],
  ]
  pen.path(steps, DEPTH)
  const [x, y] = pen.at(CX, Y, DEPTH)
  pen.fill(pen.shade(0, y - 6, 0, y + h, [[0, '#571024'], [1, '#8f2c3c']]))
  pen.clipped(() => {
    const rise = tongue * h * 0.42
    pen.ellipse(x, y + h * 1.04 - rise, w * 0.66, h * 0.46 + 2)
    pen.fill(pen.glow(x, y + h * 0.9 - rise, 2, w, [[0, '#ffa3a1'], [1, '#e26f7a']]))
    if (lower > 0.1) {
      pen.ellipse(x, y + h + 3, w * 0.62, h * 0.3 * lower + 3)
      pen.fill('#fffaf6')
    }
    if (upper > 0.05 && h > 5) {
      const edge = y - h * 0.06 + (4 + h * 0.17) * upper
      pen.g.beginPath()
      pen.g.moveTo(x - w * 0.86, y - h - 20)
      pen.g.lineTo(x + w * 0.86, y - h - 20)
      pen.g.bezierCurveTo(x + w * 0.72, edge + 3, x - w * 0.72, edge + 3, x - w * 0.86, y - h - 20)
      pen.fill('#fffdfb')
    }
  })
  pen.path(steps, DEPTH)
  pen.line(pen.ink.lip, 3)
  if (tuck > 0.2) {
    pen.path([['M', CX - w * 0.6, Y + h - 1], ['Q', CX, Y + h - 4, CX + w * 0.6, Y + h - 1]], DEPTH)
    pen.line('#d9807c', 4 * tuck)
  }
  const under = Y + h + 15
  pen.path([['M', CX - 10, under], ['Q', CX, under + 3.5, CX + 10, under]], DEPTH)
  pen.line('rgba(214,120,110,.6)', 2.6)
}
