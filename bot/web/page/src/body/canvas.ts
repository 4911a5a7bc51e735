// The drawn body: the same girl on a 2-D canvas, for machines without WebGL and as the picture until the 3-D body is there.
import type { Rung } from '../ladder.ts'
import type { Mix } from '../track.ts'
import type { AvatarDriver, Frame, Mouth, Pose } from './driver.ts'
import { drawArms } from './drawing/arms.ts'
import { drawBody } from './drawing/clothes.ts'
import { drawBrows, drawFace } from './drawing/face.ts'
import { drawBackHair, drawFrontHair } from './drawing/hair.ts'
import { type Ink, inked } from './drawing/ink.ts'
import { type Change, EXPRESSIONS, type Look } from './drawing/look.ts'
import { blended, SHAPES } from './drawing/mouths.ts'
import { CX, Pen } from './drawing/pen.ts'
import { still } from './life.ts'
import type { Palette } from './manifest.ts'

const PIVOT_Y = 640
const PLAIN_INK = inked({})
const STILL = still('', 0, 1)

/** How she looks with nothing going on: a light smile. */
export function resting(): Look {
  const { left, right } = STILL
  return {
    yaw: 0, pitch: 0, roll: 0, breath: 0, sway: 0, open: 1, laugh: 0, wide: 0, wink: 0, gazeX: 0, gazeY: 0, brow: 0, browIn: 0,
    smile: 0.45, blush: 0.4, shrug: 0, bow: 0, lean: 0, mouth: SHAPES.sil, lids: [0, 0], left, right,
  }
}

/** Draw her; the context's transform maps the 900 × 1125 sheet. */
export function draw(g: CanvasRenderingContext2D, look: Look, ink: Ink = PLAIN_INK): void {
  const pen = new Pen(g, ink)
  pen.yaw = Math.max(-1, Math.min(1, look.yaw))
  pen.pitch = Math.max(-1, Math.min(1, look.pitch))
  g.save()
  g.translate(0, look.bow * 120)
  pen.tilt(CX, 1500, look.lean)
  const tilted = (inner: () => void) => {
    g.save()
    g.translate(0, look.breath * 3 + look.bow * 46)
    pen.turned(CX, PIVOT_Y, look.roll, inner)
    g.restore()
  }
  tilted(() => drawBackHair(pen, look))
  drawBody(pen, look)
  tilted(() => {
    drawFace(pen, look)
    drawFrontHair(pen, look)
    drawBrows(pen, look)
  })
  drawArms(pen, look)
  g.restore()
}

/** Draw her head in her colours into a square picture, for the chat's bubbles. */
export function portrait(g: CanvasRenderingContext2D, size: number, palette: Palette): void {
  backdrop(g, size, palette.trim)
  const scale = size / 590
  g.setTransform(scale, 0, 0, scale, -158 * scale, -104 * scale)
  draw(g, { ...resting(), yaw: 0.25, roll: 0.04, smile: 0.8 }, inked(palette))
}

/** A pale ground for a portrait: a breath of one of her colours. */
export function backdrop(g: CanvasRenderingContext2D, size: number, colour = ''): void {
  g.fillStyle = '#fff'
  g.fillRect(0, 0, size, size)
  g.fillStyle = /^#[0-9a-f]{6}$/i.test(colour) ? colour : '#5fbfa9'
  g.globalAlpha = 0.25
  g.fillRect(0, 0, size, size)
  g.globalAlpha = 1
}

export class CanvasBody implements AvatarDriver {
  private readonly g: CanvasRenderingContext2D
  private look = resting()
  private change: Change = {}
  private gaze = { x: 0, y: 0 }
  private pose: Pose | null = null
  private mix: Mix = {}
  private sheet = { scale: 1, x: 0, y: 0 }
  private readonly lag = { at: 0, speed: 0 }
  private ink: Ink

  constructor(
    readonly canvas: HTMLCanvasElement,
    palette: Palette = {},
  ) {
    this.ink = inked(palette)
    this.g = canvas.getContext('2d')!
  }

  /** Wear other colours from now on. */
  dye(palette: Palette): void {
    this.ink = inked(palette)
  }

  setMouth(_mouth: Mouth, mix: Mix): void {
    this.mix = mix
  }

  setExpression(weights: Readonly<Record<string, number>>): void {
    const sum: Record<string, number> = {}
    for (const [name, weight] of Object.entries(weights)) {
      for (const [key, value] of Object.entries(EXPRESSIONS[name] ?? {})) sum[key] = (sum[key] ?? 0) + weight * value
    }
    this.change = sum
  }

  setGaze(x: number, y: number): void {
    this.gaze = { x, y }
  }

  setPose(pose: Pose): void {
    this.pose = pose
  }

  size(width: number, height: number, rung: Rung, frame: Frame): void {
    const ratio = Math.min(devicePixelRatio || 1, Math.max(1, rung.ratio))
    this.canvas.width = Math.max(1, Math.round(width * ratio))
    this.canvas.height = Math.max(1, Math.round(height * ratio))
    const [span, top, wide] = frame.bust ? [960, 70, 600] : [1230, 40, 640]
    const scale = Math.min(height / span, width / wide) * ratio
    const x = this.canvas.width * (0.5 + frame.shift) - CX * scale
    const y = this.canvas.height - (top + span) * scale
    this.sheet = { scale, x, y }
  }

  update(dt: number): void {
    const { g, canvas } = this
    this.compose(dt)
    g.setTransform(1, 0, 0, 1, 0, 0)
    g.clearRect(0, 0, canvas.width, canvas.height)
    g.setTransform(this.sheet.scale, 0, 0, this.sheet.scale, this.sheet.x, this.sheet.y)
    draw(g, this.look, this.ink)
  }

  dispose(): void {
    this.canvas.width = this.canvas.height = 1
  }

  private compose(dt: number): void {
    const look = resting()
    const pose = this.pose
    const add = (key: keyof Change) => this.change[key] ?? 0
    if (pose) {
      const [pitch, yaw, roll] = pose.head
      look.yaw = yaw * 2.6
      look.pitch = pitch * 2.4 + add('pitch')
      look.roll = roll + add('roll')
      look.breath = pose.breath
      look.lids = pose.lids
      look.shrug = pose.shrug
      look.bow = pose.spine[0]
      look.lean = pose.spine[2]
      look.left = pose.left
      look.right = pose.right
      look.sway = this.swing(pose.sway * 0.5 + look.yaw * 0.9 + look.roll * 4, dt)
    }
    look.laugh = clamp(add('laugh'))
    look.open = clamp(1 + add('open')) 
    look.wide = clamp(add('wide'))
    look.wink = clamp(add('wink'))
    look.gazeX = Math.max(-1, Math.min(1, this.gaze.x + add('gazeX')))
    look.gazeY = Math.max(-1, Math.min(1, this.gaze.y + add('gazeY')))
    look.brow = add('brow')
    look.browIn = add('browIn')
    look.smile = Math.max(-1, Math.min(1, look.smile + add('smile')))
    look.blush = clamp(look.blush + add('blush'))
    look.mouth = blended(this.mix)
    this.look = look
  }

  /** Loose hair on a soft spring: it lags behind the head, swings past and comes to rest. */
  private swing(to: number, dt: number): number {
    const { lag } = this
    for (let left = Math.min(dt, 0.1); left > 1e-4; left -= 0.02) {
      const step = Math.min(left, 0.02)
      lag.speed += ((to - lag.at) * 42 - lag.speed * 6.5) * step
      lag.at += lag.speed * step
    }
    return lag.at
  }
}

function clamp(x: number): number {
  return Math.max(0, Math.min(1, x))
}
