import { expect, test } from 'vitest'
import { MouthTrack, strongest } from '../src/track.ts'

test('a shape stands at full weight in its middle and neighbours blend at their border', () => {
  const track = new MouthTrack()
  track.replace(0, [['nn', 0, 100, 1], ['aa', 100, 200, 1]])
  expect(track.at(50)).toEqual({ nn: 1 })
  expect(track.at(200)).toEqual({ aa: 1 })
  const border = track.at(100)
  expect(border.nn).toBeCloseTo(0.5, 1)
  expect(border.aa).toBeCloseTo(0.5, 1)
})

test('closed lips keep their full time beside an open mouth', () => {
  const track = new MouthTrack()
  track.replace(0, [['aa', 0, 100, 1], ['PP', 100, 40, 1], ['aa', 140, 100, 1]])
  const closed = track.at(120)
  expect(closed.PP ?? 0).toBeGreaterThan(0.7)
  expect(strongest(closed)).toBe('PP')
})

test('weights never sum to more than one', () => {
  const track = new MouthTrack()
  track.replace(0, [['aa', 0, 30, 1], ['O', 20, 30, 1], ['PP', 40, 20, 1], ['I', 50, 60, 1]])
  for (let ms = -60; ms < 200; ms++) {
    const sum = Object.values(track.at(ms)).reduce((total, each) => total + each, 0)
    expect(sum).toBeLessThanOrEqual(1 + 1e-9)
  }
})

test('later knowledge replaces what was there from its start on', () => {
  const track = new MouthTrack()
  track.replace(0, [['aa', 0, 400, 1], ['O', 400, 200, 1]])
  track.replace(200, [['I', 200, 300, 1]])
  expect(strongest(track.at(100))).toBe('aa')
  expect(strongest(track.at(350))).toBe('I')
  expect(track.at(560)).toEqual({})
})

test('unknown shapes are left out, other spellings are known', () => {
  const track = new MouthTrack()
  track.replace(0, [['ou', 0, 200, 1], ['zz', 200, 200, 1]])
  expect(strongest(track.at(100))).toBe('U')
  expect(track.at(320)).toEqual({})
})

test('a long track is found by halving', () => {
  const track = new MouthTrack()
  track.replace(0, Array.from({ length: 2000 }, (_, i) => [i % 2 ? 'aa' : 'I', i * 50, 50, 1] as [string, number, number, number]))
  expect(strongest(track.at(50 * 1501 + 25))).toBe('aa')
  expect(track.at(200_000)).toEqual({})
})
