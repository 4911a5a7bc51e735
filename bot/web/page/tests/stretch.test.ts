import { expect, test } from 'vitest'
import { Stretch } from '../src/stretch.ts'

const RATE = 24000

/** A voice-like tone: a fundamental and two overtones. */
function tone(seconds: number, pitch = 220): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: seconds * RATE }, (_, n) => [1, 2, 3].reduce((sum, k) => sum + Math.sin((2 * Math.PI * pitch * k * n) / RATE) / k, 0) / 3)
}

function through(samples: Float32Array, speed: number, piece: number): Float32Array {
  const stretch = new Stretch(RATE, speed)
  const parts: number[] = []
  for (let at = 0; at < samples.length; at += piece) parts.push(...stretch.push(samples.subarray(at, at + piece)))
  parts.push(...stretch.flush())
  return Float32Array.from(parts)
}

/** Rising zero crossings a second, of the low-passed sound: its pitch. */
function pitch(samples: Float32Array): number {
  let low = 0
  let before = 0
  let count = 0
  for (const sample of samples) {
    low += (sample - low) * 0.05
    if (before < 0 && low >= 0) count++
    before = low
  }
  return count / (samples.length / RATE)
}

test.each([0.75, 1.25, 1.5])('at %f times the speed the length changes and the pitch stays', (speed) => {
  const out = through(tone(2), speed, 2400)
  expect(out.length / RATE).toBeCloseTo(2 / speed, 1)
  expect(pitch(out)).toBeGreaterThan(215)
  expect(pitch(out)).toBeLessThan(225)
})

test('pieces of any size give the same sound', () => {
  const samples = tone(0.5)
  expect(through(samples, 1.25, 700)).toEqual(through(samples, 1.25, samples.length))
})

test('there is no click: no step is larger than the tone’s own', () => {
  const samples = tone(1)
  const steepest = (sound: Float32Array) => sound.reduce((most, sample, i) => (i ? Math.max(most, Math.abs(sample - sound[i - 1]!)) : 0), 0)
  expect(steepest(through(samples, 1.5, 2400))).toBeLessThan(steepest(samples) * 1.3)
})

test('less than a window comes out whole at the end', () => {
  const stretch = new Stretch(RATE, 1.5)
  expect(stretch.push(tone(0.01)).length).toBe(0)
  expect(stretch.flush().length).toBe(0.01 * RATE)
})
