import { expect, test } from 'vitest'
import { mouth, PLAIN } from '../src/body/manifest.ts'
import { type Mix, MouthTrack, strongest } from '../src/track.ts'
import type { VisemeSpan } from '../src/wire.ts'

/** 爸爸妈妈都不忙: lips that meet, open vowels, rounded ones, a pause. */
const SPEECH: VisemeSpan[] = [
  ['PP', 0, 60, 1], ['aa', 60, 120, 1], ['PP', 180, 50, 1], ['aa', 230, 110, 0.8], ['PP', 340, 70, 1], ['aa', 410, 130, 0.9], ['PP', 540, 60, 1], ['aa', 600, 120, 0.7],
  ['DD', 720, 60, 1], ['O', 780, 70, 1], ['U', 850, 60, 0.9], ['PP', 910, 55, 1], ['U', 965, 100, 0.9], ['sil', 1065, 260, 1], ['PP', 1325, 70, 1], ['aa', 1395, 140, 1], ['nn', 1535, 90, 1],
]

function track(spans: readonly VisemeSpan[]): MouthTrack {
  const made = new MouthTrack()
  made.replace(0, spans)
  return made
}

function sum(mix: Mix): number {
  return Object.values(mix).reduce((total, each) => total + each, 0)
}

function opening(mix: Mix): number {
  return Math.max(...Object.values(mouth(mix, PLAIN)))
}

test('a shape stands alone in the middle of its time', () => {
  const made = track([['nn', 0, 160, 1], ['aa', 160, 200, 1]])
  expect(made.at(60)).toEqual({ nn: 1 })
  expect(made.at(260)).toEqual({ aa: 1 })
})

test('a vowel is on its way 60 ms before it sounds, and stands soon after', () => {
  const made = track([['nn', 0, 160, 1], ['aa', 160, 200, 1]])
  expect(made.at(80).aa ?? 0).toBe(0)
  expect(made.at(100).aa).toBeGreaterThan(0.02)
  expect(made.at(130).aa).toBeGreaterThan(0.15)
  expect(made.at(200).aa).toBe(1)
})

test('the mouth reads closed during the whole of b, p and m', () => {
  const made = track(SPEECH)
  for (const [name, start, duration] of SPEECH) {
    if (name !== 'PP') continue
    for (let ms = start; ms <= start + duration; ms += 2) expect(opening(made.at(ms))).toBeLessThanOrEqual(0.05)
  }
})

test('a closure too short to be seen is held longer', () => {
  const made = track([['aa', 0, 200, 1], ['PP', 200, 20, 1], ['aa', 220, 200, 1]])
  for (let ms = 184; ms <= 236; ms += 2) expect(made.at(ms).PP).toBeGreaterThan(0.95)
  expect(made.at(100)).toEqual({ aa: 1 })
})

test('f and v show the lip at the teeth', () => {
  const made = track([['aa', 0, 150, 1], ['FF', 150, 80, 1], ['aa', 230, 150, 1]])
  for (let ms = 150; ms <= 230; ms += 5) {
    expect(strongest(made.at(ms))).toBe('FF')
    expect(made.at(ms).aa ?? 0).toBeLessThan(0.1)
  }
})

test('rounding spreads into the consonant before it, an open vowel does not that early', () => {
  const round = track([['aa', 0, 200, 1], ['DD', 200, 140, 1], ['U', 340, 150, 1]])
  const plain = track([['aa', 0, 200, 1], ['DD', 200, 140, 1], ['I', 340, 150, 1]])
  expect(round.at(250).U).toBeGreaterThan(0.02)
  expect(plain.at(250).I ?? 0).toBe(0)
  expect(round.at(310).U).toBeGreaterThan(plain.at(310).I!)
})

test('the mouth moves in curves: no weight jumps within a frame', () => {
  const made = track(SPEECH)
  let last = mouth(made.at(-200), PLAIN)
  for (let ms = -200; ms < 1900; ms += 16) {
    const next = mouth(made.at(ms), PLAIN)
    for (const [shape, value] of Object.entries(next)) expect(Math.abs(value - last[shape as keyof typeof last])).toBeLessThan(0.42)
    last = next
  }
})

test('it is shut in a pause and stays open over a short gap', () => {
  const made = track([['aa', 0, 200, 1], ['aa', 280, 200, 1], ['aa', 700, 100, 1]])
  expect(made.at(240).aa).toBeGreaterThan(0.8)
  expect(made.at(500).aa).toBeGreaterThan(0.2)
  expect(made.at(560)).toEqual({})
  expect(made.at(900)).toEqual({})
})

test('weights carry the loudness', () => {
  expect(track([['aa', 0, 200, 0.6]]).at(100)).toEqual({ aa: 0.6 })
})

test('weights never sum to more than one', () => {
  const made = track([['aa', 0, 30, 1], ['O', 20, 30, 1], ['PP', 40, 20, 1], ['I', 50, 60, 1], ['SS', 90, 40, 1]])
  for (let ms = -90; ms < 260; ms++) expect(sum(made.at(ms))).toBeLessThanOrEqual(1 + 1e-9)
})

test('later knowledge replaces what was there from its start on', () => {
  const made = track([['aa', 0, 400, 1], ['O', 400, 200, 1]])
  made.replace(200, [['I', 200, 300, 1]])
  expect(strongest(made.at(100))).toBe('aa')
  expect(strongest(made.at(350))).toBe('I')
  expect(made.at(570)).toEqual({})
})

test('unknown shapes are left out, other spellings are known', () => {
  const made = track([['ou', 0, 200, 1], ['zz', 200, 200, 1]])
  expect(strongest(made.at(100))).toBe('U')
  expect(made.at(320)).toEqual({})
})

test('a long track is found by halving', () => {
  const made = track(Array.from({ length: 2000 }, (_, i): VisemeSpan => [i % 2 ? 'aa' : 'I', i * 50, 50, 1]))
  expect(strongest(made.at(50 * 1501 + 25))).toBe('aa')
  expect(made.at(200_000)).toEqual({})
})

test('vowels and the ends of clauses are moments to move by', () => {
  const { moments } = track(SPEECH)
  expect(moments.filter((each) => each.kind === 'border').map((each) => each.at)).toEqual([1065, 1625])
  expect(moments.filter((each) => each.kind === 'vowel')).toHaveLength(8)
})
