import { expect, test } from 'vitest'
import { loudness, Microphone } from '../src/microphone.ts'
import type { Hearing, PageFrame } from '../src/wire.ts'

class Desk {
  readonly done: string[] = []
  readonly frames: PageFrame[] = []
  chunk: (samples: ArrayBuffer) => void = () => undefined
  closed = 0
  fault: Error | null = null
  readonly microphone = new Microphone(
    {
      send: (frame) => this.frames.push(frame) > 0,
      hear: (samples, played) => this.done.push(`hear ${samples.byteLength} ${played}`),
      played: () => 0.25,
      hold: () => this.done.push('hold'),
      resume: () => this.done.push('resume'),
      said: () => this.done.push('said'),
      tell: (text) => this.done.push(text),
    },
    async (chunk) => {
      if (this.fault) throw this.fault
      this.chunk = chunk
      return () => {
        this.closed++
      }
    },
  )

  take(...states: Hearing['state'][]): void {
    for (const state of states) this.microphone.take({ type: 'hearing', state, text: '', notice: '' })
  }
}

test('hands-free: she is held at the first voice, stopped by words, and goes on after nothing', async () => {
  const desk = new Desk()
  await desk.microphone.open('free')
  desk.take('open', 'speech')
  expect(desk.microphone.ear.value).toBe('speech')
  desk.take('writing', 'nothing', 'speech', 'writing', 'said')
  expect(desk.done).toEqual(['hold', 'resume', 'hold', 'said'])
  expect(desk.microphone.ear.value).toBe('open')
  desk.chunk(new ArrayBuffer(2048))
  expect(desk.done.at(-1)).toBe('hear 2048 0.25')
})

test('the button: held while pressed, written down after', async () => {
  const desk = new Desk()
  await desk.microphone.open('push')
  desk.take('open')
  expect(desk.done).toEqual(['hold'])
  desk.microphone.close()
  expect(desk.closed).toBe(1)
  expect(desk.frames).toEqual([
    { type: 'mic', on: true, mode: 'push' },
    { type: 'mic', on: false, drop: false },
  ])
  desk.take('writing')
  expect(desk.microphone.ear.value).toBe('writing')
  desk.take('said')
  expect(desk.microphone.ear.value).toBe('off')
})

test('a tap turns the button into hands-free with the same microphone', async () => {
  const desk = new Desk()
  await desk.microphone.open('push')
  await desk.microphone.open('free')
  expect(desk.frames.map((frame) => frame.type === 'mic' && frame.on && frame.mode)).toEqual(['push', 'free'])
  expect(desk.closed).toBe(0)
})

test('closed before the browser has opened it, it does not stay open', async () => {
  const desk = new Desk()
  const opening = desk.microphone.open('free')
  desk.microphone.close(true)
  await opening
  expect(desk.closed).toBe(1)
  expect(desk.microphone.ear.value).toBe('off')
})

test.each([
  ['NotAllowedError', '浏览器没有允许用麦克风，请在地址栏里打开'],
  ['InsecureError', '麦克风只能在 https 或本机上用'],
  ['NotFoundError', '没有找到麦克风'],
])('%s is told in words', async (name, words) => {
  const desk = new Desk()
  desk.fault = Object.assign(new Error(name), { name })
  await desk.microphone.open('free')
  expect(desk.done).toEqual([words])
  expect(desk.microphone.ear.value).toBe('off')
})

test('after a reconnect an open microphone is told of again, a pressed one is let go', async () => {
  const free = new Desk()
  await free.microphone.open('free')
  free.microphone.again()
  expect(free.frames).toHaveLength(2)
  const push = new Desk()
  await push.microphone.open('push')
  push.microphone.again()
  expect(push.microphone.ear.value).toBe('off')
  expect(push.closed).toBe(1)
})

test('loudness is 0 in silence and near 1 for a shout', () => {
  expect(loudness(new Int16Array(512))).toBe(0)
  expect(loudness(new Int16Array(512).fill(9000))).toBeGreaterThan(0.9)
})
