// The drawn girl's hair: a purple-black bob with teal tips and a loose, irregular fringe.
import type { Look } from './look.ts'
import { CX, type Pen, type Step } from './pen.ts'

/** Tips and the valleys after them, from her right to her left; uneven on purpose. */
const FRINGE: readonly (readonly [tipX: number, tipY: number, valleyX: number, valleyY: number])[] = [
  [-150, 462, -138, 402],
  [-121, 420, -100, 372],
  [-79, 424, -66, 366],
  [-51, 392, -37, 352],
  [-12, 428, -2, 358],
  [10, 402, 22, 350],
  [34, 382, 44, 348],
  [76, 414, 83, 362],
  [101, 396, 112, 366],
  [128, 430, 137, 398],
]
const LAST: readonly [number, number] = [154, 458]
const PART: readonly [number, number] = [CX + 26, 214]

/** Everything behind the head. */
export function drawBackHair(pen: Pen, look: Look): void {
  const sway = look.sway * 5
  const tips: readonly (readonly [number, number])[] = [
    [-190, 700], [-158, 744], [-122, 716], [-84, 750], [-40, 722], [6, 748], [46, 720], [88, 752], [124, 716], [160, 742], [192, 698],
  ]
  const steps: Step[] = [['M', CX, 192], ['C', CX - 232, 186, CX - 226, 420, CX - 214, 556], ['C', CX - 210, 620, CX - 208, 660, CX - 190 + sway, 700]]
  for (let i = 1; i < tips.length; i++) {
    const [ax, ay] = tips[i - 1]!
    const [bx, by] = tips[i]!
    steps.push(['Q', CX + (ax + bx) / 2 + sway, Math.min(ay, by) - 10, CX + bx + sway, by])
  }
  steps.push(['C', CX + 208, 660, CX + 210, 620, CX + 214, 556], ['C', CX + 226, 420, CX + 232, 186, CX, 192], ['Z'])
  pen.path(steps, -0.7)
  const top = pen.at(CX, 196, -0.7)[1]
  pen.fill(pen.shade(0, top, 0, top + 552, [[0, pen.ink.hairDeep], [0.55, pen.ink.hairBack], [0.78, pen.ink.tipBack], [1, pen.ink.tipDeep]]))
  pen.line(pen.ink.hairLine, 2.8)
  for (let i = 0; i < 12; i++) {
    const x = CX - 176 + i * 32
    pen.path([['M', x, 560], ['Q', x + (i % 3) * 3 - 3, 640, x + sway + (i % 2 ? 7 : -6), 722 - (i % 3) * 12]], -0.7)
    pen.line(pen.ink.strand, 2)
  }
}

/** A tapering lock along a curve. */
function lock(pen: Pen, curve: readonly [number, number, number, number, number, number, number, number], width: number, depth: number, sway: number, fill: CanvasGradient): void {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = curve
  const steps: Step[] = [
    ['M', x0 - width * 0.5, y0],
    ['C', x1 - width, y1, x2 - width * 0.9 + sway * 0.4, y2, x3 + sway, y3],
    ['C', x2 + width * 0.75 + sway * 0.4, y2 - 12, x1 + width * 0.9, y1, x0 + width * 0.5, y0],
    ['Z'],
  ]
  pen.path(steps, depth)
  pen.fill(fill)
  pen.line(pen.ink.hairLine, 2.4)
}

/** Locks beside the face, then the cap and fringe over the brow. */
export function drawFrontHair(pen: Pen, look: Look): void {
  const sway = look.sway * 9
  for (const s of [-1, 1]) {
    const long = s < 0 ? 0 : 14
    const shade = strand(pen, 250, 716)
    lock(pen, [CX + s * 168, 330, CX + s * 206, 430, CX + s * 194, 560, CX + s * 178, 716 - long], 30, -0.05, sway, shade)
    lock(pen, [CX + s * 156, 350, CX + s * 176, 440, CX + s * 170, 540, CX + s * 142, 664 + long], 21, 0.2, sway * 1.2, strand(pen, 280, 670))
    lock(pen, [CX + s * 148, 370, CX + s * 158, 430, CX + s * 158, 480, CX + s * 146, 560 - long], 12, 0.3, sway * 1.3, strand(pen, 300, 600))
  }
  fringe(pen)
  ring(pen)
  tuft(pen, look)
}

function strand(pen: Pen, from: number, to: number): CanvasGradient {
  const a = pen.at(CX, from, 0.1)[1]
  const b = pen.at(CX, to, 0.1)[1]
  return pen.shade(0, a, 0, b, [[0, pen.ink.hairDeep], [0.2, pen.ink.hair], [0.58, pen.ink.hair], [0.82, pen.ink.tipFade], [1, pen.ink.tip]])
}

function fringe(pen: Pen): void {
  const steps: Step[] = [
    ['M', CX - 2, 193],
    ['C', CX - 150, 188, CX - 208, 292, CX - 200, 430],
    ['Q', CX - 188, 452, CX + FRINGE[0]![0], FRINGE[0]![1]],
  ]
  FRINGE.forEach(([tipX, tipY, valleyX, valleyY], i) => {
    const next = FRINGE[i + 1] ?? LAST
    steps.push(['Q', CX + tipX + (valleyX - tipX) * 0.25, tipY - (tipY - valleyY) * 0.55, CX + valleyX, valleyY])
    steps.push(['Q', CX + valleyX + (next[0] - valleyX) * 0.35, valleyY + (next[1] - valleyY) * 0.62, CX + next[0], next[1]])
  })
  steps.push(['Q', CX + 190, 448, CX + 202, 426], ['C', CX + 208, 290, CX + 150, 188, CX - 2, 193], ['Z'])
  pen.path(steps, 0.3)
  const top = pen.at(CX, 193, 0.3)[1]
  pen.fill(pen.shade(0, top, 0, top + 260, [[0, pen.ink.hairTop], [0.26, pen.ink.hair], [0.62, pen.ink.hairLow], [0.86, pen.ink.hairEnd], [1, pen.ink.tipFringe]]))
  pen.line(pen.ink.hairLine, 2.6)
  for (const [i, [, , x, y]] of FRINGE.entries()) {
    const bend = (x < 26 ? -1 : 1) * (18 + (i % 3) * 6)
    pen.path([['M', CX + x, y], ['Q', CX + x * 0.72 + bend * 0.6, 300, PART[0] + (x - 26) * 0.24, PART[1] + 22 + (i % 2) * 12]], 0.3)
    pen.line(pen.ink.strand, i % 2 ? 1.6 : 2.3)
  }
  for (const s of [-1, 1]) {
    pen.path([['M', CX + s * 176, 416], ['C', CX + s * 172, 330, CX + s * 128, 262, CX + s * 56, 226]], 0.2)
    pen.line(pen.ink.strand, 2)
  }
}

/** The light on smooth hair: a broken band round the crown. */
function ring(pen: Pen): void {
  const upper: [number, number][] = []
  const lower: [number, number][] = []
  for (let i = 0; i <= 72; i++) {
    const t = (i / 72 - 0.5) * 2
    const x = CX + t * 158
    const y = 318 - Math.cos(t * 1.42) * 66
    const tooth = [6, 17, 9, 25, 12, 20][i % 6]! * (0.55 + 0.45 * Math.cos(t * 1.5))
    upper.push(pen.at(x, y - 5 - 2.5 * Math.sin(i * 2.1), 0.34))
    lower.push(pen.at(x + 3 * t, y + tooth, 0.34))
  }
  const { g } = pen
  g.beginPath()
  for (const [i, point] of upper.entries()) i ? g.lineTo(...point) : g.moveTo(...point)
  for (const point of lower.reverse()) g.lineTo(...point)
  g.closePath()
  const [x] = pen.at(CX, 300, 0.34)
  pen.fill(pen.shade(x - 160, 0, x + 160, 0, [
    [0, pen.ink.ringClear],
    [0.22, pen.ink.ringHalf],
    [0.48, pen.ink.ringFull],
    [0.56, pen.ink.ringFaint],
    [0.74, pen.ink.ringHalf],
    [1, pen.ink.ringClear],
  ]))
}

/** The stray tuft that never lies down. */
function tuft(pen: Pen, look: Look): void {
  const s = look.sway * 6
  pen.path([['M', CX - 8, 204], ['C', CX - 12, 150, CX + 26 + s, 118, CX + 66 + s, 158], ['C', CX + 40 + s, 140, CX + 14, 158, CX + 12, 204], ['Z']], 0.15)
  pen.fill(pen.ink.hair)
  pen.line(pen.ink.hairLine, 2.4)
}
