// The drawn girl's neck, mint cardigan, white collar, green bow, and the hands of her gestures.
import type { Look } from './look.ts'
import { INK } from './look.ts'
import { CX, mirrored, type Pen, type Step } from './pen.ts'

const FLOOR = 1700

export function drawBody(pen: Pen, look: Look): void {
  const { g } = pen
  const yaw = pen.yaw
  const pitch = pen.pitch
  // The body does not turn with the head: its parts take the pen's points as they are.
  pen.yaw = pen.pitch = 0
  g.save()
  g.translate(yaw * 8, look.breath * 4)
  neck(pen, yaw)
  torso(pen, look)
  shirt(pen)
  collar(pen)
  ribbon(pen)
  g.restore()
  pen.yaw = yaw
  pen.pitch = pitch
}

function neck(pen: Pen, yaw: number): void {
  const steps: Step[] = [['M', 408, 590], ['C', 412, 660, 404, 700, 366, 728], ['L', 534, 728], ['C', 496, 700, 488, 660, 492, 590], ['Z']]
  pen.path(steps, 0)
  pen.fill(INK.skin)
  pen.line(INK.skinLine, 2.3)
  pen.path(steps, 0)
  pen.clipped(() => {
    pen.ellipse(CX + yaw * 22, 630, 80, 52)
    pen.fill('rgba(236,164,146,.78)')
  })
}

function torso(pen: Pen, look: Look): void {
  const up = -26 * look.shrug
  const half: Step[] = [
    ['M', CX, 706],
    ['L', CX + 64, 708],
    ['C', CX + 130, 738, CX + 196, 742 + up, CX + 226, 800 + up],
    ['C', CX + 258, 880 + up * 0.6, CX + 270, 1010, CX + 282, 1160],
    ['L', CX + 330, FLOOR],
    ['L', CX, FLOOR],
    ['Z'],
  ]
  for (const s of [-1, 1]) {
    pen.path(mirrored(half, s), 0)
    pen.fill(pen.shade(0, 720, 0, 1180, [[0, INK.knitLight], [0.45, INK.knit], [1, '#7bd0b9']]))
  }
  const outline: Step[] = half.slice(1, 5)
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX + 64, 708], ...outline.slice(1)], s), 0)
    pen.line(INK.knitLine, 2.8)
    pen.path(mirrored([['M', CX + 168, 880], ['C', CX + 152, 960, CX + 160, 1060, CX + 176, 1180], ['L', CX + 200, FLOOR], ['L', CX + 236, FLOOR], ['L', CX + 212, 1180], ['C', CX + 196, 1060, CX + 192, 950, CX + 168, 880], ['Z']], s), 0)
    pen.fill('rgba(56,146,124,.36)')
    pen.path(mirrored([['M', CX + 168, 880], ['C', CX + 152, 960, CX + 160, 1060, CX + 176, 1200], ['L', CX + 200, FLOOR]], s), 0)
    pen.line('rgba(47,127,109,.85)', 2.5)
    for (const [x0, y0, x1, y1, x2, y2] of FOLDS) {
      pen.path(mirrored([['M', CX + x0, y0], ['Q', CX + x1, y1, CX + x2, y2]], s), 0)
      pen.line('rgba(47,127,109,.4)', 2.2)
    }
  }
}

const FOLDS = [
  [150, 800, 168, 830, 170, 862],
  [204, 930, 220, 960, 246, 968],
  [210, 1000, 226, 1020, 250, 1020],
  [96, 960, 120, 990, 150, 1000],
] as const

function shirt(pen: Pen): void {
  pen.path([['M', CX - 76, 712], ['L', CX, 930], ['L', CX + 76, 712], ['Z']], 0)
  pen.fill(pen.shade(0, 712, 0, 920, [[0, INK.paper], [0.35, INK.white], [1, '#edf1fd']]))
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX + 78, 706], ['C', CX + 66, 780, CX + 32, 860, CX, 930], ['L', CX, 960], ['C', CX + 48, 880, CX + 92, 800, CX + 106, 718], ['Z']], s), 0)
    pen.fill('#e9fff7')
    pen.line('#57b9a2', 2.1)
  }
  pen.path([['M', CX, 960], ['L', CX, FLOOR]], 0)
  pen.line('#57b9a2', 2.5)
  for (const y of [1000, 1076, 1152]) {
    pen.ellipse(CX + 17, y, 8.5, 8.5)
    pen.fill('#fff4d9')
    pen.line('#d3a144', 2)
    pen.ellipse(CX + 15, y - 2, 2.4, 2.4)
    pen.fill('rgba(211,161,68,.6)')
  }
}

function collar(pen: Pen): void {
  for (const s of [-1, 1]) {
    const steps: Step[] = [
      ['M', CX + 48, 676],
      ['C', CX + 86, 690, CX + 106, 716, CX + 104, 748],
      ['Q', CX + 76, 776, CX + 50, 804],
      ['C', CX + 28, 772, CX + 10, 742, CX, 728],
      ['C', CX + 24, 714, CX + 44, 702, CX + 48, 676],
      ['Z'],
    ]
    pen.path(mirrored(steps, s), 0)
    pen.fill(pen.shade(0, 680, 0, 800, [[0, INK.white], [1, '#dde5f6']]))
    pen.line(INK.paperLine, 2.3)
    pen.path(mirrored([['M', CX + 92, 744], ['Q', CX + 70, 766, CX + 49, 788]], s), 0)
    pen.line('rgba(113,131,172,.45)', 1.6)
  }
}

function ribbon(pen: Pen): void {
  const y = 752
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX, y + 4], ['C', CX + 24, y + 46, CX + 36, y + 78, CX + 30, y + 112], ['L', CX + 44, y + 100], ['L', CX + 58, y + 100], ['C', CX + 52, y + 58, CX + 34, y + 22, CX, y], ['Z']], s), 0)
    pen.fill(INK.bowDeep)
    pen.line(INK.bowLine, 2.1)
    pen.path(mirrored([['M', CX, y], ['C', CX + 24, y - 36, CX + 74, y - 40, CX + 84, y - 16], ['C', CX + 90, y + 16, CX + 64, y + 38, CX + 42, y + 28], ['C', CX + 24, y + 20, CX + 8, y + 10, CX, y], ['Z']], s), 0)
    pen.fill(pen.shade(CX, 0, CX + s * 88, 0, [[0, INK.bowDeep], [0.4, INK.bow], [1, '#58e6aa']]))
    pen.line(INK.bowLine, 2.1)
    pen.path(mirrored([['M', CX + 16, y - 3], ['Q', CX + 42, y - 14, CX + 58, y - 12]], s), 0)
    pen.line('rgba(7,90,59,.5)', 2)
  }
  pen.ellipse(CX, y + 1, 14.5, 17.5)
  pen.fill(pen.shade(0, y - 16, 0, y + 18, [[0, '#4fe0a3'], [1, INK.bow]]))
  pen.line(INK.bowLine, 2.1)
}

/** Hands of a gesture, over the body: forearm from the elbow, hand at its end. */
export function drawHands(pen: Pen, look: Look): void {
  const { up, swing, place } = look.hand
  if (place === 'none' || up < 0.02) return
  const low = (1 - up) * 520
  const yaw = pen.yaw
  const pitch = pen.pitch
  pen.yaw = pen.pitch = 0
  const { g } = pen
  g.save()
  g.translate(0, low)
  if (place === 'side') pen.turned(176, 1100, -0.1 + 0.2 * swing - (1 - up) * 0.6, () => forearm(pen, 190, 1140, 160, 770, 1, 0.12 * swing))
  if (place === 'chin') forearm(pen, 300, 1150, 384, 706, 0.25, 0.5)
  if (place === 'both') {
    for (const s of [-1, 1]) {
      g.save()
      if (s > 0) {
        g.translate(2 * CX, 0)
        g.scale(-1, 1)
      }
      forearm(pen, 250, 1130, 128, 900, 0.8, -0.5)
      g.restore()
    }
  }
  g.restore()
  pen.yaw = yaw
  pen.pitch = pitch
}

function forearm(pen: Pen, x0: number, y0: number, x1: number, y1: number, open: number, tilt: number): void {
  const angle = Math.atan2(y1 - y0, x1 - x0)
  const nx = -Math.sin(angle)
  const ny = Math.cos(angle)
  const [bx, by] = [Math.cos(angle) * 84, Math.sin(angle) * 84]
  const steps: Step[] = [
    ['M', x0 + nx * 62, y0 + ny * 62],
    ['C', (x0 + x1) / 2 + nx * 58, (y0 + y1) / 2 + ny * 58, x1 + nx * 40, y1 + ny * 40, x1 + nx * 38, y1 + ny * 38],
    ['L', x1 - nx * 38, y1 - ny * 38],
    ['C', x1 - nx * 40, y1 - ny * 40, (x0 + x1) / 2 - nx * 58, (y0 + y1) / 2 - ny * 58, x0 - nx * 62, y0 - ny * 62],
    // The elbow: round, beyond the picture's lower edge on a low stage.
    ['C', x0 - nx * 66 - bx, y0 - ny * 66 - by, x0 + nx * 66 - bx, y0 + ny * 66 - by, x0 + nx * 62, y0 + ny * 62],
    ['Z'],
  ]
  hand(pen, x1 + Math.cos(angle) * 20, y1 + Math.sin(angle) * 20, angle + Math.PI / 2 + tilt, open)
  pen.path(steps, 0)
  pen.fill(pen.shade(x1, y1, x0, y0, [[0, INK.knitLight], [1, INK.knitDeep]]))
  pen.line(INK.knitLine, 2.8)
  const cuff = 26
  pen.path([['M', x1 + nx * 40, y1 + ny * 40], ['L', x1 + nx * 42 - Math.cos(angle) * cuff, y1 + ny * 42 - Math.sin(angle) * cuff], ['L', x1 - nx * 42 - Math.cos(angle) * cuff, y1 - ny * 42 - Math.sin(angle) * cuff], ['L', x1 - nx * 40, y1 - ny * 40], ['Z']], 0)
  pen.fill('#e9fff7')
  pen.line('#57b9a2', 2.3)
}

/** A hand with five fingers, its wrist at (x, y), fingers up before turning. */
function hand(pen: Pen, x: number, y: number, turn: number, open: number): void {
  const { g } = pen
  const fingers: readonly (readonly [fromX: number, length: number, spread: number])[] = [
    [-23, 54, -0.26],
    [-8, 66, -0.08],
    [8, 62, 0.08],
    [22, 46, 0.24],
  ]
  const draw = (style: string, grow: number) => {
    g.strokeStyle = g.fillStyle = style
    g.lineCap = 'round'
    for (const [from, length, spread] of fingers) {
      const a = spread * (0.4 + open)
      const l = length * (0.5 + 0.5 * open)
      g.lineWidth = 17 + grow
      g.beginPath()
      g.moveTo(from, -58)
      g.lineTo(from + Math.sin(a) * l, -58 - Math.cos(a) * l)
      g.stroke()
    }
    g.lineWidth = 18 + grow
    g.beginPath()
    g.moveTo(24, -24)
    g.quadraticCurveTo(46, -38, 50 + 6 * open, -66)
    g.stroke()
    g.lineWidth = grow
    g.beginPath()
    g.roundRect(-33, -72, 66, 84, 26)
    g.fill()
    if (grow) g.stroke()
  }
  g.save()
  g.translate(x, y)
  g.rotate(turn)
  draw(INK.skinLine, 5)
  draw(INK.skin, 0)
  g.beginPath()
  g.moveTo(-18, -32)
  g.quadraticCurveTo(0, -22, 16, -30)
  g.strokeStyle = 'rgba(216,130,110,.5)'
  g.lineWidth = 2.2
  g.stroke()
  g.restore()
}
