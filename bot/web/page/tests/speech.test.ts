import { beforeEach, expect, test } from 'vitest'
import { Player } from '../src/player.ts'
import { Speech } from '../src/speech.ts'
import type { TurnFrame } from '../src/wire.ts'
import { entry, FakeSound, settled } from './fakes.ts'

let sound: FakeSound
let player: Player
let speech: Speech
let cues: string[]
let heard: [string, number, boolean][]
let clock: number
let piece: number

beforeEach(() => {
  sound = new FakeSound()
  player = new Player(() => sound.context)
  cues = []
  heard = []
  clock = piece = 0
  const hooks = { cue: (name: string) => void cues.push(name), heard: (...told: [string, number, boolean]) => void heard.push(told), changed: () => undefined }
  speech = new Speech(player, hooks, () => clock)
})

type Bare<T> = T extends TurnFrame ? Omit<T, 'turn' | 'attempt' | 'piece'> : never

async function says(...frames: Bare<TurnFrame>[]): Promise<void> {
  for (const frame of frames) speech.take({ turn: 't', attempt: 1, piece: piece++, ...frame } as TurnFrame)
  await settled()
}

const begin = { type: 'begin' as const, answers: [1], voiced: true }
const line = (number: number, text: string, start: number) => ({ type: 'line', line: number, text, start }) as const
const pcm = (number: number, seconds: number, start = 0) =>
  ({ type: 'sound', line: number, codec: 'pcm', rate: 24000, start, skip: 0, samples: seconds * 24000, bytes: new Uint8Array(seconds * 48000) }) as const
const spoken = (number: number, seconds: number) => ({ type: 'spoken', line: number, seconds, failed: false }) as const

function pass(seconds: number): void {
  sound.pass(seconds)
  clock += seconds * 1000
  speech.tick()
}

test('the mouth follows the sound of the line that is heard', async () => {
  await says(begin, line(0, '你好', 0), { type: 'visemes', line: 0, start: 0, visemes: [['aa', 0, 500, 1]], final: true }, pcm(0, 1), spoken(0, 1))
  await says(line(1, '再见', 2), { type: 'visemes', line: 1, start: 0, visemes: [['O', 0, 1000, 1]], final: true }, pcm(1, 1), spoken(1, 1))
  pass(0.28)
  expect(speech.mouth()).toEqual({ aa: 1 })
  expect(speech.line?.text).toBe('你好')
  pass(0.5)
  expect(speech.mouth()).toEqual({})
  pass(0.75)
  expect(speech.mouth()).toEqual({ O: 1 })
  expect(speech.line?.text).toBe('再见')
  pass(2)
  expect(speech.mouth()).toEqual({})
  expect(speech.line).toBeNull()
})

test('a cue waits for its character, and what has no moment comes at the end', async () => {
  await says(begin, line(0, '零一二三四五六七八九', 0), { type: 'cue', name: 'nod', intensity: 1, at: 5 }, { type: 'cue', name: 'wave', intensity: 1, at: 10 }, pcm(0, 1), spoken(0, 1))
  pass(0.4)
  expect(cues).toEqual([])
  pass(0.2)
  expect(cues).toEqual(['nod'])
  await says({ type: 'end', state: 'answered', entry: null })
  pass(1)
  expect(cues).toEqual(['nod', 'wave'])
})

test('what was heard is told at most twice a second, and once more at the end', async () => {
  await says(begin, { type: 'words', text: '零一二三四五六七八九' }, line(0, '零一二三四五六七八九', 0), pcm(0, 2), spoken(0, 2))
  heard = []
  for (let i = 0; i < 19; i++) pass(0.1)
  expect(heard.length).toBeLessThanOrEqual(4)
  expect(heard.length).toBeGreaterThan(1)
  await says({ type: 'end', state: 'answered', entry: null })
  pass(0.5)
  expect(heard.at(-1)).toEqual(['t', 10, true])
})

test('a turn without sound counts what was shown', async () => {
  await says({ ...begin, voiced: false }, { type: 'words', text: '你好' }, { type: 'end', state: 'answered', entry: null })
  expect(heard.at(-1)).toEqual(['t', 2, true])
})

test('stop is silence at once, tells how far one heard, and ignores the rest of the turn', async () => {
  await says(begin, line(0, '零一二三四五六七八九', 0), pcm(0, 2))
  pass(1.03)
  expect(speech.stop()).toEqual({ turn: 't', heard: 5 })
  expect(player.playing).toBe(false)
  await says(pcm(0, 1, 2000), line(1, '不该听见', 10), pcm(1, 1))
  expect(player.playing).toBe(false)
})

test('a later attempt replaces what the earlier one said', async () => {
  await says(begin, line(0, '错了', 0), pcm(0, 1))
  piece = 0
  for (const frame of [begin, line(0, '对了', 0), pcm(0, 1)]) speech.take({ turn: 't', attempt: 2, piece: piece++, ...frame } as TurnFrame)
  await settled()
  pass(0.2)
  expect(speech.line?.text).toBe('对了')
})

test('sound that must be decoded keeps its place before what comes later', async () => {
  await says(begin, line(0, '一', 0), { ...pcm(0, 1), codec: 'mp3', bytes: new Uint8Array(4) }, spoken(0, 1), line(1, '二', 1), pcm(1, 1))
  pass(0.5)
  expect(speech.line?.text).toBe('一')
  pass(1)
  expect(speech.line?.text).toBe('二')
})

test('a stored reply plays again with its mouth and cues, and tells the server nothing', async () => {
  const reply = entry(7, { utterances: [{ text: '你好', start: 0, media: 'h', seconds: 1, visemes: [['aa', 0, 900, 1]] }], cues: [{ name: 'smile', intensity: 1, at: 0 }] })
  await speech.replay(reply, async () => new Uint8Array(1))
  expect(speech.turn).toMatch(/^replay 7 /)
  pass(0.5)
  expect(speech.mouth()).toEqual({ aa: 1 })
  expect(cues).toEqual(['smile'])
  pass(1)
  expect(speech.turn).toBe('')
  expect(heard).toEqual([])
})

test('a replay whose sound is gone ends, and says so', async () => {
  const reply = entry(7, { utterances: [{ text: '你好', start: 0, media: 'h', seconds: 1, visemes: [] }] })
  await expect(speech.replay(reply, () => Promise.reject(new Error('404')))).rejects.toThrow('404')
  expect(speech.stop().turn).toBe('')
})
