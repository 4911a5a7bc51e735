import { beforeEach, expect, test } from 'vitest'
import { Board } from '../src/board.ts'
import { language } from '../src/i18n.ts'
import type { Hot, PageFrame, ServerFrame, Unanswered } from '../src/wire.ts'
import { FakeTimers, welcome } from './fakes.ts'

let sent: PageFrame[]
let connected: boolean
let timers: FakeTimers
let board: Board

const question: Unanswered = { id: 'u', text: '能借轮椅吗', users: 2, asked: 3 }

beforeEach(() => {
  language.value = 'zh'
  sent = []
  connected = true
  timers = new FakeTimers()
  board = new Board((frame) => connected && Boolean(sent.push(frame)), timers.later, timers.never)
})

function take(frame: object): void {
  board.take(frame as ServerFrame)
}

test('the board is asked for once it is wanted, and again after every reconnect', () => {
  take(welcome())
  expect(sent).toEqual([])
  board.want()
  take(welcome())
  expect(sent).toEqual([{ type: 'hot' }, { type: 'hot' }])
})

test('what the server pushes replaces what was there', () => {
  const hot: Hot = { type: 'hot', items: [{ id: 'a', text: '几点开门', count: 3, pinned: false }], operator: { unanswered: [question], hidden: [] } }
  take(hot)
  expect(board.items.value).toEqual(hot.items)
  expect(board.operator.value?.unanswered).toEqual([question])
  take({ type: 'hot', items: [], operator: null })
  expect([board.items.value, board.operator.value]).toEqual([[], null])
})

test('a change is one frame, and says so when there is no connection', () => {
  board.change('a', 'pin')
  board.change('a', 'word', { text: '几点开门？' })
  board.change('a', 'merge', { into: 'b' })
  expect(sent).toEqual([
    { type: 'hot_edit', id: 'a', do: 'pin' },
    { type: 'hot_edit', id: 'a', do: 'word', text: '几点开门？' },
    { type: 'hot_edit', id: 'a', do: 'merge', into: 'b' },
  ])
  connected = false
  board.change('a', 'hide')
  expect(board.notice.value).toMatchObject({ bad: true })
})

test('an entry begins with the question, or with the draft there is', () => {
  board.write(question)
  expect(board.writing.value).toEqual({ id: 'u', q: '能借轮椅吗', also: '', a: '' })
  board.write({ ...question, draft: '可以。' })
  expect(board.writing.value).toMatchObject({ q: '能借轮椅吗', a: '可以。' })
  board.write({ ...question, draft: { q: '可以借轮椅吗？', also: ['有轮椅吗', '轮椅'], a: '可以。' } })
  expect(board.writing.value).toEqual({ id: 'u', q: '可以借轮椅吗？', also: '有轮椅吗\n轮椅', a: '可以。' })
})

test('a draft is filled in, and what was written before can be had back', () => {
  board.write(question)
  board.writing.value = { ...board.writing.value!, a: '我写的' }
  board.draft()
  board.draft()
  expect(sent).toEqual([{ type: 'faq_draft', id: 'u' }])
  take({ type: 'faq_draft', id: 'other', q: '', also: [], a: '别的' })
  expect(board.busy.value).toBe('draft')
  take({ type: 'faq_draft', id: 'u', q: '可以借轮椅吗？', also: ['有轮椅吗'], a: '可以。' })
  expect(board.writing.value).toEqual({ id: 'u', q: '可以借轮椅吗？', also: '有轮椅吗', a: '可以。' })
  board.undraft()
  expect(board.writing.value).toMatchObject({ q: '能借轮椅吗', a: '我写的' })
  expect(board.before.value).toBeNull()
})

test('a draft that never comes, or comes empty, leaves the form usable and says so', () => {
  board.write(question)
  board.draft()
  timers.pass(60_000)
  expect(board.busy.value).toBe('')
  expect(board.notice.value).toMatchObject({ bad: true })
  board.draft()
  take({ type: 'faq_draft', id: 'u', q: '', also: [], a: '' })
  expect(board.notice.value).toMatchObject({ bad: true })
  expect(board.writing.value?.q).toBe('能借轮椅吗')
  board.draft()
  take(welcome())
  expect(board.busy.value).toBe('')
})

test('an entry is saved whole; refused, it stays with the reason', () => {
  board.write(question)
  board.save()
  expect(sent).toEqual([])
  board.writing.value = { id: 'u', q: ' 能借轮椅吗 ', also: ' 有轮椅吗 \n\n轮椅', a: ' 可以。 ' }
  board.save()
  board.save()
  expect(sent).toEqual([{ type: 'faq_save', id: 'u', q: '能借轮椅吗', also: ['有轮椅吗', '轮椅'], a: '可以。' }])
  take({ type: 'faq_saved', id: 'u', ok: false, notice: '太短' })
  expect(board.notice.value).toEqual({ text: '太短', bad: true })
  expect(board.writing.value?.a).toBe(' 可以。 ')
  board.save()
  take({ type: 'faq_saved', id: 'u', ok: true, notice: '' })
  expect(board.writing.value).toBeNull()
  expect(board.notice.value).toMatchObject({ bad: false })
})
