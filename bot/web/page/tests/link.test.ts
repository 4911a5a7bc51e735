import { beforeEach, expect, test } from 'vitest'
import { Link, type LinkState } from '../src/link.ts'
import { type ServerFrame, unpacked } from '../src/wire.ts'
import { entry, FakeSocket, fakeStore, FakeTimers, welcome } from './fakes.ts'

let sockets: FakeSocket[]
let timers: FakeTimers
let got: ServerFrame[]
let states: LinkState[]
let store: ReturnType<typeof fakeStore>

beforeEach(() => {
  sockets = []
  got = []
  states = []
  timers = new FakeTimers()
  store = fakeStore()
})

function link(): Link {
  return new Link({
    open: () => {
      sockets.push(new FakeSocket())
      return sockets.at(-1)!
    },
    store,
    receive: (frame) => got.push(frame),
    state: (state) => states.push(state),
    preferences: () => ({ audio: 'mp3', language: 'zh', voiced: true }),
    later: timers.later,
    never: timers.never,
    random: () => 1,
  })
}

function opened(own = link()): { own: Link; socket: FakeSocket } {
  own.connect()
  const socket = sockets.at(-1)!
  socket.opens()
  socket.says(welcome())
  return { own, socket }
}

const piece = (number: number, type = 'words', more: object = {}) => ({ type, turn: 't', attempt: 1, piece: number, text: 'x', ...more })

test('says hello first, and keeps who it is', () => {
  const { socket } = opened()
  expect(socket.of('hello')[0]).toMatchObject({ visitor: '', conversation: '', cursor: { entry: 0, piece: -1 } })
  expect(store.kept).toMatchObject({ visitor: 'v1', conversation: 'page:a' })
})

test('what is said before the connection stands goes out once it does', () => {
  const own = link()
  own.say({ id: 'm', text: '在吗', uploads: [] })
  const { socket } = opened(own)
  expect(socket.of('say')).toEqual([{ type: 'say', id: 'm', text: '在吗', pictures: [] }])
})

test('what was not answered is said again after a break, pictures included, until it is answered', () => {
  const { own, socket } = opened()
  own.say({ id: 'm', text: '看', uploads: [{ id: 'p', mime: 'image/jpeg', bytes: new Uint8Array([1, 2]) }] })
  expect(socket.of('say')).toHaveLength(1)
  socket.breaks()
  timers.pass(500)
  const { socket: next } = opened(own)
  const binary = next.sent.find((each) => each instanceof Uint8Array) as Uint8Array<ArrayBuffer>
  expect(unpacked(binary.buffer)?.header).toMatchObject({ type: 'picture', id: 'p' })
  expect(next.of('say')[0]).toMatchObject({ id: 'm', pictures: ['p'] })
  next.says({ type: 'accepted', id: 'm', entry: 1 })
  expect(own.unanswered).toEqual([])
})

test('texts outlive a reload', () => {
  const own = link()
  own.say({ id: 'm', text: '在吗', uploads: [] })
  expect(link().unanswered).toEqual([{ id: 'm', text: '在吗', uploads: [] }])
})

test('comes back with the last entry and piece, and drops what it gets twice', () => {
  const { own, socket } = opened()
  socket.says(entry(41))
  socket.says(piece(0, 'begin'))
  socket.says(piece(1))
  socket.breaks()
  timers.pass(500)
  const next = sockets.at(-1)!
  next.opens()
  expect(next.of('hello')[0]).toMatchObject({ visitor: 'v1', conversation: 'page:a', cursor: { entry: 41, turn: 't', attempt: 1, piece: 1 } })
  next.says(welcome())
  next.says(piece(1))
  next.says(piece(2))
  const words = got.filter((each) => each.type === 'words')
  expect(words).toHaveLength(2)
  expect(own.conversation).toBe('page:a')
})

test('comes back to before a line whose sound is not complete', () => {
  const { socket } = opened()
  socket.says(piece(0, 'begin'))
  socket.says(piece(1, 'line', { line: 0 }))
  socket.says(piece(2))
  socket.breaks()
  timers.pass(500)
  sockets.at(-1)!.opens()
  expect(sockets.at(-1)!.of('hello')[0]).toMatchObject({ cursor: { piece: 0 } })
})

test('frames of an attempt that was replaced are dropped', () => {
  const { socket } = opened()
  socket.says(piece(0, 'begin', { attempt: 2 }))
  socket.says(piece(5))
  expect(got.filter((each) => each.type === 'words')).toEqual([])
})

test('waits longer after each failure, at most 15 s, and is quick again after a welcome', () => {
  const own = link()
  own.connect()
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    sockets.at(-1)!.breaks()
    waits.push(timers.next)
    timers.pass(timers.next)
  }
  expect(waits).toEqual([400, 800, 1600, 3200, 6400, 12800, 15000, 15000])
  opened(own)
  sockets.at(-1)!.opens()
  sockets.at(-1)!.says(welcome())
  sockets.at(-1)!.breaks()
  expect(timers.next).toBe(400)
})

test('a connection that says nothing is given up', () => {
  const { socket } = opened()
  timers.pass(25_000)
  expect(socket.of('ping')).toHaveLength(1)
  timers.pass(12_500)
  expect(sockets).toHaveLength(2)
})

test('no access is told, another one’s conversation is let go', () => {
  const { own, socket } = opened()
  socket.breaks(4404)
  expect(own.conversation).toBe('')
  timers.pass(500)
  sockets.at(-1)!.breaks(4401)
  expect(states.at(-1)).toBe('denied')
})

test('forgetting leaves nothing in the store', () => {
  const { own } = opened()
  own.say({ id: 'm', text: '在吗', uploads: [] })
  own.reset()
  expect(store.kept).toEqual({})
})
