// The drawn girl's head: face, ears, blush, eyes, brows, nose.
import type { Look } from './look.ts'
import { drawMouth } from './mouths.ts'
import { CX, type Pen, type Step } from './pen.ts'

const EYE_X = 84
const EYE_Y = 452

const FACE: readonly Step[] = [
  ['M', CX - 168, 396],
  ['C', CX - 173, 478, CX - 160, 536, CX - 118, 586],
  ['C', CX - 84, 624, CX - 34, 655, CX, 656],
  ['C', CX + 34, 655, CX + 84, 624, CX + 118, 586],
  ['C', CX + 160, 536, CX + 173, 478, CX + 168, 396],
  ['C', CX + 160, 256, CX - 160, 256, CX - 168, 396],
  ['Z'],
]

export function drawFace(pen: Pen, look: Look): void {
  for (const s of [-1, 1]) ear(pen, s)
  pen.path(FACE, 0.1)
  pen.fill(pen.shade(0, 300, 0, 656, [[0, pen.ink.skinTop], [0.68, pen.ink.skin], [1, pen.ink.skinWarm]]))
  pen.line(pen.ink.skinLine, 2.6)
  pen.path(FACE, 0.1)
  pen.clipped(() => {
    const brow = pen.at(CX, 402, 0.1)[1]
    pen.g.fillStyle = pen.shade(0, brow - 90, 0, brow + 26, [[0, 'rgba(222,140,132,.8)'], [1, 'rgba(240,170,150,0)']])
    pen.g.fillRect(180, 180, 540, brow - 150)
    for (const s of [-1, 1]) cheek(pen, look, s)
  })
  nose(pen)
  drawMouth(pen, look)
  for (const s of [-1, 1]) eye(pen, look, s)
}

function ear(pen: Pen, s: number): void {
  pen.path([['M', CX + s * 160, 432], ['C', CX + s * 204, 416, CX + s * 200, 512, CX + s * 156, 516], ['Z']], -0.3)
  pen.fill(pen.ink.skin)
  pen.line(pen.ink.skinLine, 2.3)
}

function cheek(pen: Pen, look: Look, s: number): void {
  const shade = pen.at(CX + s * 158, 520, 0.1)
  pen.ellipse(shade[0], shade[1], 36, 130, s * 0.25)
  pen.fill(pen.glow(shade[0], shade[1], 4, 90, [[0, 'rgba(238,160,140,.32)'], [1, 'rgba(238,160,140,0)']]))
  const [x, y] = pen.at(CX + s * 106, 532, 0.36)
  pen.g.save()
  pen.g.translate(x, y)
  pen.g.scale(1.4, 0.74)
  pen.ellipse(0, 0, 38, 38)
  pen.fill(pen.glow(0, 0, 1, 38, [[0, `rgba(255,116,126,${0.2 + 0.38 * look.blush})`], [1, 'rgba(255,116,126,0)']]))
  pen.g.restore()
  if (look.blush < 0.45) return
  for (let k = -1; k < 2; k++) {
    pen.g.beginPath()
    pen.g.moveTo(x + k * 13 + 4, y - 7)
    pen.g.lineTo(x + k * 13 - 4, y + 7)
    pen.line(`rgba(232,96,108,${0.75 * (look.blush - 0.35)})`, 2.6)
  }
}

function nose(pen: Pen): void {
  pen.path([['M', CX + 1, 515], ['Q', CX - 6, 524, CX + 3, 527]], 0.62)
  pen.line('rgba(190,104,88,.85)', 2.6)
}

function eye(pen: Pen, look: Look, s: number): void {
  const wink = s > 0 ? look.wink : 0
  const open = Math.max(0, Math.min(1.15, look.open * (1 - wink) * (1 - look.lids[s > 0 ? 0 : 1])))
  const laugh = Math.max(look.laugh, wink)
  const x = CX + s * EYE_X
  const w = 47
  const h = 52 * (1 + 0.14 * look.wide)
  const shut = Math.max(0, 1 - open)
  const up = EYE_Y - h * 0.78 * open + shut * 21 * (1 - 2.3 * laugh)
  const low = EYE_Y + h * 0.62 - shut * 7 - laugh * open * 10
  const inner: [number, number] = [x - s * w * 0.94, EYE_Y + 12]
  const outer: [number, number] = [x + s * w * 1.06, EYE_Y - 3 + shut * 10 * (1 - laugh)]
  const arch = (high: number): Step => ['C', x - s * w * 0.72, up - high * 0.4 * open, x + s * w * 0.45, up - high * open, ...outer]
  if (open > 0.08) {
    pen.path([['M', ...inner], arch(16), ['C', x + s * w * 0.8, low + 4, x - s * w * 0.55, low + 12, ...inner], ['Z']], 0.34)
    const top = pen.at(x, up, 0.34)[1]
    pen.fill(pen.shade(0, top, 0, top + 72, [[0, '#bcc6e2'], [0.36, '#f3f6ff'], [1, '#ffffff']]))
    pen.clipped(() => iris(pen, look, x, up))
    pen.path([['M', x + s * w * 0.98, EYE_Y + 8], ['C', x + s * w * 0.8, low + 3, x + s * w * 0.3, low + 9, x - s * w * 0.12, low + 7.5]], 0.34)
    pen.line('rgba(90,50,70,.7)', 2.6)
  }
  lash(pen, s, x, up, open, inner, outer)
}

function iris(pen: Pen, look: Look, x: number, up: number): void {
  const { g } = pen
  const [ix, iy] = pen.at(x + look.gazeX * 15, EYE_Y - 3 - look.gazeY * 12, 0.39)
  const r = 44
  g.save()
  g.translate(ix, iy)
  g.scale(0.77 * (1 - Math.abs(pen.yaw) * 0.07), 1 - 0.06 * look.wide)
  pen.ellipse(0, 0, r, r)
  pen.fill(pen.shade(0, -r, 0, r, [[0, pen.ink.irisTop], [0.4, pen.ink.irisDark], [0.74, pen.ink.iris], [1, pen.ink.irisLight]]))
  pen.ellipse(0, r * 0.5, r * 0.62, r * 0.38)
  pen.fill(pen.glow(0, r * 0.52, 2, r * 0.56, [[0, pen.ink.irisGlow], [1, pen.ink.irisGlowEnd]]))
  g.beginPath()
  for (let k = 0; k < 30; k++) {
    const a = (k / 30) * 2 * Math.PI
    const to = k % 2 ? 0.86 : 0.74
    g.moveTo(Math.cos(a) * r * 0.44, Math.sin(a) * r * 0.44)
    g.lineTo(Math.cos(a) * r * to, Math.sin(a) * r * to)
  }
  pen.line(pen.ink.irisRay, 1.3)
  pen.ellipse(0, -1, r * 0.36, r * 0.41)
  pen.fill(pen.ink.pupil)
  pen.ellipse(0, 0, r - 1.8, r - 1.8)
  pen.line(pen.ink.irisLine, 4.4)
  g.restore()
  const lid = pen.at(x, up, 0.34)[1]
  g.fillStyle = pen.shade(0, lid - 6, 0, lid + 34, [[0, 'rgba(24,14,46,.62)'], [1, 'rgba(24,14,46,0)']])
  g.fillRect(ix - 90, lid - 30, 180, 70)
  pen.ellipse(ix - 11, iy - 17, 11, 13.5, -0.3)
  pen.fill('#fff')
  pen.ellipse(ix + 13, iy + 18, 5.8, 6.4)
  pen.fill('rgba(255,255,255,.92)')
  pen.ellipse(ix + 10, iy - 27, 3.4, 3.4)
  pen.fill('rgba(255,255,255,.85)')
}

function lash(pen: Pen, s: number, x: number, up: number, open: number, inner: [number, number], outer: [number, number]): void {
  const w = 47
  const thick = 7 + 4 * Math.min(1, open + 0.3)
  const steps: Step[] = [
    ['M', ...inner],
    ['C', x - s * w * 0.74, up - 7 * open, x + s * w * 0.45, up - 18 * open, outer[0] + s * 2, outer[1]],
    ['L', outer[0] + s * 16, outer[1] - 12 * (0.7 * open + 0.3)],
    ['C', outer[0] + s * 2, outer[1] - 10, outer[0] + s * 8, outer[1] - 21 * (0.8 * open + 0.1), outer[0] + s * 5, outer[1] - 22 * (0.8 * open + 0.1)],
    ['C', outer[0] - s * 6, outer[1] - 14, x + s * w * 0.6, up - thick - 18 * open, x + s * w * 0.06, up - thick - 15 * open],
    ['C', x - s * w * 0.46, up - thick - 8 * open, x - s * w * 0.92, up + 2, ...inner],
    ['Z'],
  ]
  pen.path(steps, 0.36)
  const top = pen.at(x, up - 22, 0.34)[1]
  pen.fill(pen.shade(0, top, 0, top + 34, [[0, pen.ink.lash], [1, pen.ink.lashEnd]]))
  if (open < 0.3) return
  pen.path([['M', x - s * w * 0.6, up - thick - 17 * open - 4], ['C', x - s * w * 0.1, up - thick - 33 * open, x + s * w * 0.55, up - thick - 28 * open, x + s * w * 0.95, up - thick - 6 * open]], 0.34)
  pen.line('rgba(176,104,92,.7)', 2.3)
}

export function drawBrows(pen: Pen, look: Look): void {
  pen.g.globalAlpha = 0.82
  for (const s of [-1, 1]) {
    const x = CX + s * EYE_X
    const y = EYE_Y - 92 - look.brow * 15
    const inner = look.browIn * 14
    const steps: Step[] = [
      ['M', x - s * 45, y + 10 - inner],
      ['C', x - s * 16, y - 10 - inner * 0.4, x + s * 24, y - 12, x + s * 57, y + 12 + look.browIn * 6],
      ['C', x + s * 24, y - 5, x - s * 14, y - 2 - inner * 0.4, x - s * 45, y + 17 - inner],
      ['Z'],
    ]
    pen.path(steps, 0.36)
    pen.fill(pen.ink.brow)
    pen.line(pen.ink.brow, 1.4)
  }
  pen.g.globalAlpha = 1
}

