import { expect, test } from 'vitest'
import { heardIn, timeOf } from '../src/heard.ts'

const line = { text: '你好，世界', start: 10, words: [{ at: 10, length: 2, start: 100, duration: 400 }, { at: 13, length: 2, start: 700, duration: 400 }], seconds: 1.2 }

test('a word counts as heard from its middle on', () => {
  expect(heardIn(line, 0)).toBe(10)
  expect(heardIn(line, 200)).toBe(10)
  expect(heardIn(line, 320)).toBe(12)
  expect(heardIn(line, 950)).toBe(15)
})

test('the end of the sound is the end of the line', () => {
  expect(heardIn(line, 1200)).toBe(15)
})

test('without word times the clock counts in proportion', () => {
  const bare = { ...line, words: [] }
  expect(heardIn(bare, 600)).toBe(12)
  expect(timeOf(bare, 15)).toBe(1200)
  expect(timeOf(bare, 10)).toBe(0)
})

test('characters outside the basic plane count once', () => {
  expect(heardIn({ text: '😀😀', start: 0, words: [], seconds: 1 }, 1000)).toBe(2)
})

test('a cue waits for the word it stands at', () => {
  expect(timeOf(line, 13)).toBe(700)
  expect(timeOf(line, 12)).toBe(500)
})
