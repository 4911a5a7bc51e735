// A pen for the drawn body: paths in a space of 900 × 1125 whose parts shift with their depth when the head turns.

import type { Ink } from './ink.ts'

/** A path's step: a letter of SVG's (M L Q C Z) and its numbers. */
export type Step = readonly ['M' | 'L', number, number] | readonly ['Q', number, number, number, number] | readonly ['C', number, number, number, number, number, number] | readonly ['Z']

export type Stops = readonly (readonly [at: number, colour: string])[]

export const CX = 450
export const CY = 440
const HALF_HEAD = 190

export class Pen {
  yaw = 0
  pitch = 0

  constructor(
    readonly g: CanvasRenderingContext2D,
    readonly ink: Ink,
  ) {}

  /** Where a point of the head stands after turning; `depth` 0 is the head's middle, 1 the tip of the nose. */
  at(x: number, y: number, depth: number): [number, number] {
    const side = (x - CX) / HALF_HEAD
    const shift = this.yaw * (48 * depth + 24 * (1 - 0.6 * side * side))
    const nod = this.pitch * (38 * depth + 12 + (y - CY) * 0.02)
    return [x + shift - (x - CX) * Math.abs(this.yaw) * 0.05, y + nod]
  }

  path(steps: readonly Step[], depth: number): void {
    const { g } = this
    g.beginPath()
    for (const step of steps) {
      switch (step[0]) {
        case 'M':
          g.moveTo(...this.at(step[1], step[2], depth))
          break
        case 'L':
          g.lineTo(...this.at(step[1], step[2], depth))
          break
        case 'Q':
          g.quadraticCurveTo(...this.at(step[1], step[2], depth), ...this.at(step[3], step[4], depth))
          break
        case 'C':
          g.bezierCurveTo(...this.at(step[1], step[2], depth), ...this.at(step[3], step[4], depth), ...this.at(step[5], step[6], depth))
          break
        case 'Z':
          g.closePath()
      }
    }
  }

  polygon(points: readonly (readonly [number, number])[]): void {
    const { g } = this
    g.beginPath()
    for (const [at, [x, y]] of points.entries()) at ? g.lineTo(x, y) : g.moveTo(x, y)
    g.closePath()
  }

  /** A soft line through points. */
  stroke(points: readonly (readonly [number, number])[], style: string, width: number): void {
    const { g } = this
    g.beginPath()
    for (const [at, [x, y]] of points.entries()) at ? g.lineTo(x, y) : g.moveTo(x, y)
    this.line(style, width)
  }

  fill(style: string | CanvasGradient): void {
    this.g.fillStyle = style
    this.g.fill()
  }

  line(style: string | CanvasGradient, width: number): void {
    const { g } = this
    g.strokeStyle = style
    g.lineWidth = width
    g.lineJoin = g.lineCap = 'round'
    g.stroke()
  }

  /** A gradient from top to bottom, or along any line. */
  shade(x0: number, y0: number, x1: number, y1: number, stops: Stops): CanvasGradient {
    const gradient = this.g.createLinearGradient(x0, y0, x1, y1)
    for (const [at, colour] of stops) gradient.addColorStop(at, colour)
    return gradient
  }

  glow(x: number, y: number, from: number, to: number, stops: Stops): CanvasGradient {
    const gradient = this.g.createRadialGradient(x, y, from, x, y, to)
    for (const [at, colour] of stops) gradient.addColorStop(at, colour)
    return gradient
  }

  ellipse(x: number, y: number, rx: number, ry: number, turn = 0): void {
    this.g.beginPath()
    this.g.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI)
  }

  /** Turn the sheet about a point from here on. */
  tilt(x: number, y: number, angle: number): void {
    this.g.translate(x, y)
    this.g.rotate(angle)
    this.g.translate(-x, -y)
  }

  /** Draw with a moved, turned sheet of paper. */
  turned(x: number, y: number, angle: number, draw: () => void): void {
    const { g } = this
    g.save()
    g.translate(x, y)
    g.rotate(angle)
    g.translate(-x, -y)
    draw()
    g.restore()
  }

  /** Draw inside the present path only. */
  clipped(draw: () => void): void {
    this.g.save()
    this.g.clip()
    draw()
    this.g.restore()
  }
}

/** The same steps on the other side of the middle. */
export function mirrored(steps: readonly Step[], side: number): Step[] {
  if (side > 0) return [...steps]
  return steps.map((step) => step.map((value, at) => (typeof value === 'number' && at % 2 === 1 ? 2 * CX - value : value)) as unknown as Step)
}
