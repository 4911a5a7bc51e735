import { beforeEach, expect, test } from 'vitest'
import { Chat } from '../src/chat.ts'
import type { ServerFrame } from '../src/wire.ts'
import { entry, welcome } from './fakes.ts'

let chat: Chat

beforeEach(() => {
  chat = new Chat(() => 1000)
  take(welcome())
})

function take(frame: object): void {
  chat.take(frame as ServerFrame)
}

const shown = () => chat.items.value.map((each) => (each.kind === 'entry' ? each.entry.entry : each.mine.text))

test('what one says stands below, then becomes the entry it was stored as', () => {
  take(entry(1))
  chat.say('m1', '在吗', [])
  expect(shown()).toEqual([1, '在吗'])
  take({ type: 'accepted', id: 'm1', entry: 2 })
  expect(chat.waiting.value).toBe(true)
  take(entry(2, { author: 'user', id: 'm1', state: 'claimed' }))
  expect(shown()).toEqual([1, 2])
})

test('the reply grows and becomes its entry', () => {
  take({ type: 'begin', turn: 't', attempt: 1, piece: 0, answers: [], voiced: true })
  expect(chat.waiting.value).toBe(true)
  take({ type: 'words', turn: 't', attempt: 1, piece: 1, text: '你' })
  take({ type: 'words', turn: 't', attempt: 1, piece: 2, text: '好' })
  expect(chat.growing.value?.text).toBe('你好')
  expect(chat.waiting.value).toBe(false)
  take({ type: 'end', turn: 't', attempt: 1, piece: 3, state: 'answered', entry: entry(3, { turn: 't' }) })
  expect(chat.growing.value).toBeNull()
  expect(shown()).toEqual([3])
})

test('a later attempt begins anew', () => {
  take({ type: 'begin', turn: 't', attempt: 1, piece: 0, answers: [], voiced: true })
  take({ type: 'words', turn: 't', attempt: 1, piece: 1, text: '错' })
  take({ type: 'begin', turn: 't', attempt: 2, piece: 0, answers: [], voiced: true })
  take({ type: 'words', turn: 't', attempt: 2, piece: 1, text: '对' })
  expect(chat.growing.value?.text).toBe('对')
})

test('after a reconnect the reply goes on where it was', () => {
  take({ type: 'begin', turn: 't', attempt: 1, piece: 0, answers: [], voiced: true })
  take({ type: 'words', turn: 't', attempt: 1, piece: 1, text: '你好' })
  take(welcome())
  take({ type: 'words', turn: 't', attempt: 1, piece: 2, text: '，我在。' })
  expect(chat.growing.value?.text).toBe('你好，我在。')
})

test('a turn that ends with nothing leaves nobody waiting', () => {
  take(entry(1, { author: 'user', id: 'm', state: 'claimed' }))
  take({ type: 'begin', turn: 't', attempt: 1, piece: 0, answers: [1], voiced: true })
  expect(chat.waiting.value).toBe(true)
  take({ type: 'end', turn: 't', attempt: 1, piece: 1, state: 'stopped', entry: null })
  expect(chat.waiting.value).toBe(false)
})

test('what was refused says why, and only what is still on its way can fail', () => {
  chat.say('m1', '在吗', [])
  take({ type: 'refused', id: 'm1', reason: 'busy', notice: '有点忙' })
  expect(chat.mine.value[0]).toMatchObject({ state: 'failed', notice: '有点忙' })
  chat.fail('m1', '断了')
  expect(chat.mine.value[0]?.notice).toBe('有点忙')
})

test('earlier entries come above, each once', () => {
  take(entry(5))
  take({ type: 'older', entries: [entry(3), entry(4), entry(5)], more: true })
  expect(shown()).toEqual([3, 4, 5])
  expect(chat.more.value).toBe(true)
})

test('another conversation begins empty', () => {
  take(entry(5))
  take(welcome({ conversation: 'page:b' }))
  expect(shown()).toEqual([])
})

test('a rating is shown', () => {
  take(entry(5))
  take({ type: 'rated', entry: 5, rating: -1 })
  expect(chat.entries.value[0]?.rating).toBe(-1)
})

test('sources and pictures come with the reply that grows, and what she is about goes when it is done', () => {
  const base = { turn: 't', attempt: 1 }
  take({ type: 'begin', ...base, piece: 0, answers: [], voiced: true })
  take({ type: 'tool', ...base, piece: 1, name: 'look', state: 'running', zh: '正在查资料…', en: 'Looking it up…' })
  take({ type: 'tool', ...base, piece: 2, name: 'draw', state: 'running', zh: '正在画…', en: 'Drawing…' })
  expect(chat.growing.value?.tools.map((each) => each.name)).toEqual(['look', 'draw'])
  expect(chat.waiting.value).toBe(true)
  take({ type: 'tool', ...base, piece: 3, name: 'draw', state: 'failed', zh: '', en: '' })
  take({ type: 'tool', ...base, piece: 4, name: 'look', state: 'done', zh: '', en: '' })
  expect(chat.growing.value?.tools).toEqual([])
  take({ type: 'cite', ...base, piece: 5, id: 'a', at: 2, number: 1, file: 'a.md', heading: '甲', text: '…' })
  take({ type: 'picture', ...base, piece: 6, media: 'ab', mime: 'image/png', width: 4, height: 3 })
  expect(chat.growing.value?.sources.map((each) => each.id)).toEqual(['a'])
  expect(chat.growing.value?.pictures.map((each) => each.media)).toEqual(['ab'])
  expect(chat.waiting.value).toBe(false)
  take(welcome())
  expect(chat.growing.value?.pictures).toHaveLength(1)
  take({ type: 'begin', turn: 't', attempt: 2, piece: 0, answers: [], voiced: true })
  expect(chat.growing.value).toMatchObject({ sources: [], pictures: [], tools: [] })
})

test('a reply to nothing that was said here grows and stands like any other', () => {
  take(entry(1))
  take({ type: 'begin', turn: 'r', attempt: 1, piece: 0, answers: [99], voiced: true })
  expect(chat.waiting.value).toBe(true)
  take({ type: 'words', turn: 'r', attempt: 1, piece: 1, text: '该喝水啦' })
  expect(chat.growing.value?.text).toBe('该喝水啦')
  take({ type: 'end', turn: 'r', attempt: 1, piece: 2, state: 'answered', entry: entry(2, { turn: 'r' }) })
  expect(shown()).toEqual([1, 2])
  expect(chat.waiting.value).toBe(false)
  take({ type: 'tool', turn: 'r', attempt: 1, piece: 3, name: 'look', state: 'running', zh: '…', en: '…' })
  expect(chat.growing.value).toBeNull()
})

test('what the page does not know is let pass', () => {
  take({ type: 'weather', sky: 'blue' })
  expect(shown()).toEqual([])
})
