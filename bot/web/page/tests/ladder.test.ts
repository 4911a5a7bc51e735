import { expect, test } from 'vitest'
import { Ladder, type Rung, RUNGS, software } from '../src/ladder.ts'

function climb(begin: string): { ladder: Ladder; taken: Rung[]; frames: (ms: number, count: number) => void } {
  const taken: Rung[] = []
  const ladder = new Ladder((rung) => taken.push(rung))
  ladder.begin(begin)
  return { ladder, taken, frames: (ms, count) => Array.from({ length: count }, () => ladder.frame(ms)) }
}

test('the names of renderers that use the processor are known', () => {
  expect(software('ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)))')).toBe(true)
  expect(software('llvmpipe (LLVM 15)')).toBe(true)
  expect(software('ANGLE (NVIDIA, NVIDIA GeForce RTX 3060)')).toBe(false)
})

test('a quick machine stays at the top', () => {
  const { ladder, frames } = climb('Apple M2')
  frames(16.7, 500)
  expect(ladder.level).toBe(0)
})

test('a slow one steps down until it is quick enough', () => {
  const { ladder, frames } = climb('Mali-400')
  frames(50, 24)
  expect(ladder.level).toBe(1)
  frames(40, 24)
  expect(ladder.level).toBe(2)
  frames(40, 240)
  expect(ladder.level).toBe(2)
})

test('where the processor draws, she begins flat and stays so', () => {
  const { ladder, frames } = climb('SwiftShader')
  expect(ladder.rung.body).toBe('canvas')
  frames(33, 24 * 100)
  expect(ladder.rung.body).toBe('canvas')
})

test('a very slow one ends with the drawn body', () => {
  const { ladder, frames } = climb('Mali-400')
  frames(400, 24 * 8)
  expect(ladder.rung.body).toBe('canvas')
  expect(ladder.level).toBe(RUNGS.length - 1)
})

test('it steps up once after a long quiet time, not again and again', () => {
  const { ladder, frames } = climb('Adreno')
  frames(60, 24)
  expect(ladder.level).toBe(1)
  frames(16.7, 24 * 30)
  expect(ladder.level).toBe(0)
  frames(60, 24)
  frames(16.7, 24 * 60)
  expect(ladder.level).toBe(1)
})

test('a pinned rung stays, and long pauses of a hidden page count for nothing', () => {
  const { ladder, frames } = climb('Adreno')
  frames(5000, 100)
  expect(ladder.level).toBe(0)
  ladder.pin(5)
  frames(400, 200)
  expect(ladder.level).toBe(5)
})
