// The drawn girl's neck, mint cardigan, white collar, green bow, and the hands of her gestures.
import type { Look } from './look.ts'
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
  pen.fill(pen.ink.skin)
  pen.line(pen.ink.skinLine, 2.3)
  pen.path(steps, 0)
  pen.clipped(() => {
    pen.ellipse(CX + yaw * 22, 630, 80, 52)
    pen.fill(pen.ink.skinShade)
  })
}

function torso(pen: Pen, look: Look): void {
  const up = -24 * look.shrug
  const side: Step[] = [
    ['L', CX + 64, 708],
    ['C', CX + 120, 736, CX + 176, 736 + up, CX + 214, 790 + up],
    ['C', CX + 222, 850 + up * 0.6, CX + 196, 900, CX + 186, 960],
    ['C', CX + 178, 1060, CX + 184, 1140, CX + 200, 1230],
    ['L', CX + 226, FLOOR],
  ]
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX, 706], ...side, ['L', CX, FLOOR], ['Z']], s), 0)
    pen.fill(pen.shade(0, 720, 0, 1180, [[0, pen.ink.knitLight], [0.45, pen.ink.knit], [1, pen.ink.knitShade]]))
    pen.path(mirrored([['M', CX + 64, 708], ...side.slice(1)], s), 0)
    pen.line(pen.ink.knitLine, 2.8)
    // The arm's shadow on her side.
    pen.path(mirrored([['M', CX + 206, 850], ['C', CX + 176, 900, CX + 160, 1000, CX + 168, 1120], ['L', CX + 200, 1230], ['C', CX + 184, 1140, CX + 178, 1060, CX + 186, 960], ['Z']], s), 0)
    pen.fill(pen.ink.knitSide)
    for (const [x0, y0, x1, y1, x2, y2] of FOLDS) {
      pen.path(mirrored([['M', CX + x0, y0], ['Q', CX + x1, y1, CX + x2, y2]], s), 0)
      pen.line(pen.ink.knitFold, 2.2)
    }
  }
}

const FOLDS = [
  [132, 812, 150, 846, 176, 862],
  [150, 1002, 130, 1030, 104, 1040],
  [164, 1088, 146, 1122, 112, 1130],
  [96, 920, 118, 950, 146, 962],
] as const

function shirt(pen: Pen): void {
  pen.path([['M', CX - 76, 712], ['L', CX, 930], ['L', CX + 76, 712], ['Z']], 0)
  pen.fill(pen.shade(0, 712, 0, 920, [[0, pen.ink.paper], [0.35, pen.ink.white], [1, '#edf1fd']]))
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX + 78, 706], ['C', CX + 66, 780, CX + 32, 860, CX, 930], ['L', CX, 960], ['C', CX + 48, 880, CX + 92, 800, CX + 106, 718], ['Z']], s), 0)
    pen.fill(pen.ink.trim)
    pen.line(pen.ink.trimLine, 2.1)
  }
  pen.path([['M', CX, 960], ['L', CX, FLOOR]], 0)
  pen.line(pen.ink.trimLine, 2.5)
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
    pen.fill(pen.shade(0, 680, 0, 800, [[0, pen.ink.white], [1, '#dde5f6']]))
    pen.line(pen.ink.paperLine, 2.3)
    pen.path(mirrored([['M', CX + 92, 744], ['Q', CX + 70, 766, CX + 49, 788]], s), 0)
    pen.line('rgba(113,131,172,.45)', 1.6)
  }
}

function ribbon(pen: Pen): void {
  const y = 752
  for (const s of [-1, 1]) {
    pen.path(mirrored([['M', CX, y + 4], ['C', CX + 24, y + 46, CX + 36, y + 78, CX + 30, y + 112], ['L', CX + 44, y + 100], ['L', CX + 58, y + 100], ['C', CX + 52, y + 58, CX + 34, y + 22, CX, y], ['Z']], s), 0)
    pen.fill(pen.ink.bowDeep)
    pen.line(pen.ink.bowLine, 2.1)
    pen.path(mirrored([['M', CX, y], ['C', CX + 24, y - 36, CX + 74, y - 40, CX + 84, y - 16], ['C', CX + 90, y + 16, CX + 64, y + 38, CX + 42, y + 28], ['C', CX + 24, y + 20, CX + 8, y + 10, CX, y], ['Z']], s), 0)
    pen.fill(pen.shade(CX, 0, CX + s * 88, 0, [[0, pen.ink.bowDeep], [0.4, pen.ink.bow], [1, pen.ink.bowLight]]))
    pen.line(pen.ink.bowLine, 2.1)
    pen.path(mirrored([['M', CX + 16, y - 3], ['Q', CX + 42, y - 14, CX + 58, y - 12]], s), 0)
    pen.line(pen.ink.bowCrease, 2)
  }
  pen.ellipse(CX, y + 1, 14.5, 17.5)
  pen.fill(pen.shade(0, y - 16, 0, y + 18, [[0, pen.ink.bowKnot], [1, pen.ink.bow]]))
  pen.line(pen.ink.bowLine, 2.1)
}
