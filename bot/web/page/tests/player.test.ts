import { beforeEach, expect, test } from 'vitest'
import { Player } from '../src/player.ts'
import { FakeSound } from './fakes.ts'

let sound: FakeSound
let player: Player
let idle: number

beforeEach(() => {
  sound = new FakeSound()
  player = new Player(() => sound.context)
  idle = 0
  player.onIdle = () => idle++
})

const second = () => player.buffer(new Float32Array(24000), 24000)

test('sounds follow each other without a gap, and the clock follows them', () => {
  player.append(second())
  expect(player.append(second())).toBe(1)
  sound.pass(0.53)
  expect(player.position).toBeCloseTo(0.5)
  const [first, next] = sound.sources
  expect(next!.at - first!.at).toBeCloseTo(1)
  sound.pass(2)
  expect(player.playing).toBe(false)
  expect(player.position).toBe(2)
  expect(idle).toBe(1)
})

test('the clock waits where the sound is late', () => {
  player.append(second())
  sound.pass(5)
  expect(player.position).toBe(1)
  player.append(second())
  sound.pass(0.53)
  expect(player.position).toBeCloseTo(1.5)
})

test('hold stops the clock and resume goes on at the same place', () => {
  player.append(second())
  sound.pass(0.53)
  player.hold()
  sound.pass(3)
  expect(player.position).toBeCloseTo(0.5)
  expect(player.playing).toBe(true)
  player.resume()
  sound.pass(0.28)
  expect(player.position).toBeCloseTo(0.75)
  sound.pass(1)
  expect(idle).toBe(1)
})

test('stop drops what is left and tells once', () => {
  player.append(second())
  player.append(second())
  sound.pass(0.5)
  player.stop()
  expect(player.playing).toBe(false)
  expect(sound.sources.every((each) => each.stopped)).toBe(true)
  expect(idle).toBe(1)
  player.stop()
  expect(idle).toBe(1)
})

test('a context the browser suspended is locked until it is woken', async () => {
  sound.state = 'suspended'
  expect(player.locked).toBe(false)
  player.open()
  expect(player.locked).toBe(true)
  expect(await player.unlock()).toBe(true)
  expect(player.locked).toBe(false)
})

test('at another speed the clock runs with the sound, and nothing of it is lost', () => {
  player.speed(1.5)
  for (let i = 0; i < 10; i++) player.append(player.buffer(new Float32Array(2400), 24000))
  sound.pass(0.33)
  expect(player.position).toBeCloseTo(0.45)
  sound.pass(0.5)
  expect(player.playing).toBe(false)
  expect(idle).toBe(1)
  const played = sound.sources.reduce((sum, each) => sum + each.buffer!.duration, 0)
  expect(played).toBeGreaterThan(0.64)
  expect(played).toBeLessThan(0.71)
})

test('a change of speed in the middle goes on from there', () => {
  player.append(second())
  sound.pass(0.53)
  player.speed(0.75)
  expect(player.position).toBeCloseTo(0.5)
  sound.pass(0.43)
  expect(player.position).toBeCloseTo(0.8)
  sound.pass(1)
  expect(idle).toBe(1)
  expect(player.position).toBe(1)
})
