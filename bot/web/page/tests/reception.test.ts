import { beforeEach, expect, test } from 'vitest'
import { Reception, type Scene } from '../src/modes/reception.ts'

let now: number
let did: string[]
let scenes: Scene[]
let desk: Reception

beforeEach(() => {
  now = 100
  did = []
  scenes = []
  desk = new Reception(
    {
      beckon: () => did.push('beckon'),
      greet: () => did.push('greet'),
      part: () => did.push('part'),
      renew: () => did.push('renew'),
      changed: (scene) => scenes.push(scene),
    },
    60,
    () => now,
  )
})

function pass(seconds: number, busy = false): void {
  for (let i = 0; i < seconds * 4; i++) {
    now += 0.25
    desk.tick(busy)
  }
}

test('alone, she beckons now and then', () => {
  desk.seen(false)
  pass(80)
  expect(did).toEqual(['beckon', 'beckon', 'beckon'])
  expect(desk.scene).toBe('attract')
})

test('who comes is greeted, talks, goes, and leaves nothing behind', () => {
  desk.seen(false)
  desk.seen(true)
  expect(did).toEqual(['greet'])
  pass(3)
  desk.talked()
  expect(desk.scene).toBe('talking')
  desk.seen(false)
  pass(14)
  expect(desk.scene).toBe('talking')
  pass(2)
  expect(desk.scene).toBe('goodbye')
  pass(7)
  expect(did).toEqual(['greet', 'part', 'renew'])
  expect(scenes).toEqual(['greeting', 'talking', 'goodbye', 'attract'])
})

test('who only passes by is let go without a word', () => {
  desk.seen(true)
  desk.seen(false)
  pass(6)
  expect(did).toEqual(['greet', 'renew'])
  expect(desk.scene).toBe('attract')
})

test('without a camera a touch is enough, and silence ends the talk', () => {
  desk.seen(null)
  desk.touched()
  expect(did).toEqual(['greet'])
  pass(2)
  desk.touched()
  expect(desk.scene).toBe('talking')
  pass(59)
  expect(desk.scene).toBe('talking')
  pass(2)
  expect(desk.scene).toBe('goodbye')
  pass(7)
  expect(did).toEqual(['greet', 'part', 'renew'])
})

test('a key and its click are one touch', () => {
  desk.touched()
  now += 0.1
  desk.touched()
  expect(desk.scene).toBe('greeting')
})

test('her own talking is no silence', () => {
  desk.touched()
  desk.talked()
  pass(200, true)
  expect(desk.scene).toBe('talking')
  pass(59)
  expect(desk.scene).toBe('talking')
})

test('what hangs keeps nobody there for ever', () => {
  desk.touched()
  desk.talked()
  pass(299, true)
  expect(desk.scene).toBe('talking')
  pass(62, true)
  expect(desk.scene).toBe('goodbye')
})

test('a touch while she says goodbye to somebody silent goes on with the talk', () => {
  desk.touched()
  desk.talked()
  pass(61)
  expect(desk.scene).toBe('goodbye')
  desk.touched()
  expect(desk.scene).toBe('talking')
  expect(did).toEqual(['greet', 'part'])
})

test('who touches after somebody was seen to go is somebody new', () => {
  desk.seen(true)
  desk.talked()
  desk.seen(false)
  pass(16)
  expect(desk.scene).toBe('goodbye')
  desk.touched()
  expect(did).toEqual(['greet', 'part', 'renew', 'greet'])
  expect(desk.scene).toBe('greeting')
})

test('who stays in the picture after a goodbye is not greeted over and over', () => {
  desk.seen(true)
  pass(70)
  expect(desk.scene).toBe('attract')
  pass(300)
  expect(did.filter((each) => each === 'greet')).toHaveLength(1)
  desk.seen(false)
  desk.seen(true)
  expect(did.at(-1)).toBe('greet')
})

test('who comes during a goodbye is greeted after it', () => {
  desk.seen(true)
  desk.talked()
  desk.seen(false)
  pass(16)
  desk.seen(true)
  pass(7)
  expect(did).toEqual(['greet', 'part', 'renew', 'greet'])
})

test('who asks a question in passing is not greeted on top of it', () => {
  desk.seen(false)
  desk.talked()
  expect(desk.scene).toBe('talking')
  desk.seen(true)
  pass(61)
  expect(desk.scene).toBe('goodbye')
  pass(7)
  expect(desk.scene).toBe('attract')
  expect(did).toEqual(['part', 'renew'])
})
