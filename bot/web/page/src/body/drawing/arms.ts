// The drawn girl's arms: the same bent arm as the 3-D body's, seen from the front, sleeve by sleeve and finger by finger.
import { FINGERS, FOLD, type Grip } from '../grip.ts'
import { BUILD, bend, mixed, type Reach, type Side } from '../reach.ts'
import { add, turned, type Vec } from '../vector.ts'
import type { Look } from './look.ts'
import { CX, type Pen } from './pen.ts'

/** Sheet units per arm's length, and where the shoulders are. */
const SCALE = 716
const SHOULDER_Y = 832
/** Hands drawn a little smaller than life, as in the rest of her. */
const HAND = 0.9
/** How much nearer things grow. */
const NEARER = 0.22
/** Across the palm and along the finger, in arm's lengths, from index to little finger. */
const ROOTS = [0.038, 0.013, -0.013, -0.037] as const
const LENGTHS = [0.142, 0.16, 0.147, 0.114] as const
const SHARES = [0.44, 0.31, 0.25] as const

type Point = readonly [x: number, y: number]

/** One finger or the thumb on the sheet, and how near it is. */
interface Digit {
  points: Point[]
  depth: number
  width: number
}

export function drawArms(pen: Pen, look: Look): void {
  const { yaw, pitch, g } = pen
  pen.yaw = pen.pitch = 0
  g.save()
  g.translate(yaw * 8, look.breath * 4)
  const sides: Side[] = look.left.at[2] > look.right.at[2] ? ['right', 'left'] : ['left', 'right']
  for (const side of sides) arm(pen, side, look[side], look.shrug)
  g.restore()
  pen.yaw = yaw
  pen.pitch = pitch
}

function arm(pen: Pen, side: Side, reach: Reach, shrug: number): void {
  const s = side === 'left' ? 1 : -1
  const bent = bend(side, reach, BUILD)
  const on = ([x, y, z]: Vec): Point => [CX + x * SCALE * (1 + 0.06 * z), SHOULDER_Y - 24 * shrug - y * SCALE * (1 + 0.06 * z)]
  const size = 1 + NEARER * bent.wrist[2]
  const [shoulder, elbow, wrist] = [on(bent.shoulder), on(bent.elbow), on(bent.wrist)]
  const local = (x: number, y: number, z: number): Point => on(add(bent.wrist, turned(bent.whole, [s * x, y, z]), HAND * size))
  const facing = turned(bent.whole, [0, -1, 0])[2]
  const cuffed = towards(elbow, wrist, 0.97)
  const front = bent.wrist[2] - bent.elbow[2]
  const paint = () => sleeve(pen, shoulder, elbow, cuffed, size, s)
  // A forearm that comes towards you has its hand before it.
  if (front > -0.12) paint()
  hand(pen, digits(reach.grip, local, bent.whole, s, size), palm(local, size), facing, size)
  if (front <= -0.12) paint()
  cuff(pen, elbow, cuffed, size)
}

function sleeve(pen: Pen, shoulder: Point, elbow: Point, wrist: Point, size: number, s: number): void {
  const { ink } = pen
  const [top, joint, end] = [56, 47 * (1 + (size - 1) * 0.5), 37 * size]
  for (const fill of [false, true]) {
    for (const [a, ra, b, rb] of [[shoulder, top, elbow, joint], [elbow, joint, wrist, end]] as const) {
      capsule(pen, a, ra, b, rb)
      if (fill) pen.fill(pen.shade(shoulder[0] - 70, shoulder[1] - 60, elbow[0] + 40, elbow[1] + 80, [[0, ink.knitLight], [0.45, ink.knit], [1, ink.knitShade]]))
      else pen.line(ink.knitLine, 5.4)
    }
  }
  // Folds inside the elbow and where the sleeve begins.
  const inner: Point = [elbow[0] - s * joint * 0.55, elbow[1] - joint * 0.35]
  pen.g.globalAlpha = 0.42
  pen.stroke([[inner[0] - s * 8, inner[1] - 14], [inner[0] + s * 16, inner[1] + 6]], ink.knitLine, 2.2)
  pen.stroke([[inner[0] - s * 2, inner[1] + 12], [inner[0] + s * 22, inner[1] + 20]], ink.knitLine, 2)
  pen.g.globalAlpha = 1
}

function cuff(pen: Pen, elbow: Point, wrist: Point, size: number): void {
  const [dx, dy] = direction(elbow, wrist)
  const back: Point = [wrist[0] - dx * 22 * size, wrist[1] - dy * 22 * size]
  const r = 39 * size
  pen.polygon([
    [wrist[0] - dy * r, wrist[1] + dx * r],
    [back[0] - dy * r * 1.04, back[1] + dx * r * 1.04],
    [back[0] + dy * r * 1.04, back[1] - dx * r * 1.04],
    [wrist[0] + dy * r, wrist[1] - dx * r],
  ])
  pen.fill(pen.ink.trim)
  pen.line(pen.ink.trimLine, 2.3)
}

/** Outline of the palm, from the wrist over the knuckles. */
function palm(local: (x: number, y: number, z: number) => Point, size: number): { points: Point[]; width: number } {
  return { points: [local(-0.01, 0, 0.022), local(0.06, 0, 0.034), local(0.15, 0, 0.036), local(0.158, 0, 0), local(0.146, 0, -0.036), local(0.06, 0, -0.03), local(-0.01, 0, -0.02)], width: 27 * size }
}

function digits(grip: Grip, local: (x: number, y: number, z: number) => Point, whole: readonly [number, number, number, number], s: number, size: number): Digit[] {
  const found: Digit[] = FINGERS.map((name, at) => {
    const fan = (1.4 - at) * (0.03 + 0.16 * grip.spread)
    let [x, y, z] = [0.135, 0.002, ROOTS[at]!]
    let angle = 0
    const points = [local(x, y, z)]
    for (const [k, share] of SHARES.entries()) {
      angle += FOLD[k]! * grip[name]
      const step = LENGTHS[at]! * share * (k === 0 ? 1.12 : 1)
      x += step * Math.cos(angle) * Math.cos(fan)
      y -= step * Math.sin(angle)
      z += step * Math.cos(angle) * Math.sin(fan)
      points.push(local(x, y, z))
    }
    return { points, depth: turned(whole, [s * x, y, z])[2] - turned(whole, [s * 0.12, 0, 0])[2], width: (at === 3 ? 16.5 : 19.5) * size }
  })
  found.push(thumb(grip, local, whole, s, size))
  return found.sort((a, b) => a.depth - b.depth)
}

function thumb({ thumb: fold, oppose }: Grip, local: (x: number, y: number, z: number) => Point, whole: readonly [number, number, number, number], s: number, size: number): Digit {
  const over = Math.max(0, fold - 0.3)
  const knuckle = mixed([0.082, -0.014 - 0.035 * fold, 0.068 - 0.03 * over], [0.05, -0.062, 0.048], oppose)
  const tip = mixed([0.128 - 0.02 * fold, -0.02 - 0.07 * fold, 0.088 - 0.1 * over], [0.052, -0.138, 0.03], oppose)
  const depth = turned(whole, [s * tip[0], tip[1], tip[2]])[2] - turned(whole, [s * 0.08, 0, 0])[2]
  return { points: [local(0.035, -0.006, 0.03), local(...knuckle), local(...tip)], depth, width: 20.5 * size }
}

function hand(pen: Pen, fingers: readonly Digit[], { points, width }: { points: Point[]; width: number }, facing: number, size: number): void {
  const { ink } = pen
  pen.polygon(points)
  pen.line(ink.skinLine, width + 5)
  for (const each of fingers) pen.stroke(each.points, ink.skinLine, each.width + 5)
  const flesh = () => {
    pen.polygon(points)
    pen.fill(ink.skin)
    pen.line(ink.skin, width)
    if (facing < 0.35) return
    const [x, y] = middle(points)
    pen.ellipse(x, y, 24 * size, 24 * size)
    pen.fill(pen.glow(x, y, 2, 24 * size, [[0, 'rgba(255,140,130,.3)'], [1, 'rgba(255,140,130,0)']]))
  }
  let laid = false
  for (const each of fingers) {
    // Fingers folded behind the palm come before it.
    if (!laid && each.depth > -0.035) {
      flesh()
      laid = true
    }
    pen.g.globalAlpha = 0.6
    pen.stroke(each.points.slice(1), ink.skinLine, each.width + 3)
    pen.g.globalAlpha = 1
    pen.stroke(each.points, ink.skin, each.width)
  }
  if (!laid) flesh()
}

/** A limb with round ends of two radii. */
function capsule(pen: Pen, a: Point, ra: number, b: Point, rb: number): void {
  const { g } = pen
  const length = Math.hypot(b[0] - a[0], b[1] - a[1])
  g.beginPath()
  if (length < Math.abs(ra - rb) + 1) {
    const [point, r] = ra > rb ? [a, ra] : [b, rb]
    g.arc(point[0], point[1], r, 0, 2 * Math.PI)
    return
  }
  const way = Math.atan2(b[1] - a[1], b[0] - a[0])
  const open = Math.acos((ra - rb) / length)
  g.arc(a[0], a[1], ra, way + open, way - open)
  g.arc(b[0], b[1], rb, way - open, way + open)
  g.closePath()
}

function direction(a: Point, b: Point): Point {
  const length = Math.max(1, Math.hypot(b[0] - a[0], b[1] - a[1]))
  return [(b[0] - a[0]) / length, (b[1] - a[1]) / length]
}

function towards(a: Point, b: Point, share: number): Point {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

function middle(points: readonly Point[]): Point {
  return [points.reduce((sum, each) => sum + each[0], 0) / points.length, points.reduce((sum, each) => sum + each[1], 0) / points.length]
}
