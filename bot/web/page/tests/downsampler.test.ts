import { expect, test } from 'vitest'
import { Downsampler, HEARD_RATE } from '../src/downsampler.ts'

/** A tone of `hertz` at `rate`, half loud, brought down in uneven pieces. */
function brought(hertz: number, rate: number): number[] {
  const down = new Downsampler(rate)
  const tone = Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate))
  const found: number[] = []
  for (let at = 0; at < rate; at += 128) found.push(...down.push(tone.subarray(at, at + 128)))
  return found
}

const loud = (samples: number[]) => Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length) / 32768

test.each([44100, 48000, 16000])('a second of %i Hz is a second', (rate) => {
  expect(Math.abs(brought(440, rate).length - HEARD_RATE)).toBeLessThan(32)
})

test.each([44100, 48000])('a voice stays as it is, from %i Hz', (rate) => {
  for (const hertz of [120, 1000, 5000]) expect(loud(brought(hertz, rate))).toBeCloseTo(0.5 / Math.SQRT2, 2)
})

test('what the lower rate cannot hold does not fold back', () => {
  expect(loud(brought(11000, 48000))).toBeLessThan(0.005)
})

test('there is no seam between the pieces', () => {
  const samples = brought(300, 48000).slice(100, -100)
  const steps = samples.slice(1).map((each, at) => Math.abs(each - samples[at]!))
  expect(Math.max(...steps)).toBeLessThan(0.5 * 32768 * ((2 * Math.PI * 300) / HEARD_RATE) * 1.05)
})
