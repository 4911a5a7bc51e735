import { expect, test } from 'vitest'
import { language } from '../src/i18n.ts'
import { cards, display, places, title } from '../src/sources.ts'
import type { Source } from '../src/wire.ts'
import { entry } from './fakes.ts'

function source(number: number, at: number, fields: Partial<Source> = {}): Source {
  return { id: `s${number}`, at, number, file: 'a.md', heading: '', text: '', ...fields }
}

test('each source has one card, in the order of the numbers; number 0 has none', () => {
  expect(cards([source(2, 9), source(1, 3), source(2, 12), source(0, 5)]).map((each) => each.number)).toEqual([1, 2])
})

test('a number stands at each place once', () => {
  const all = [source(1, 3), source(1, 3), source(2, 3), source(1, 9), source(0, 9)]
  expect(places(all).map((each) => [each.number, each.at])).toEqual([[1, 3], [2, 3], [1, 9]])
})

test('what an older server sends has no number and is not shown', () => {
  const old = { id: 'k', at: 3 } as Source
  expect([cards([old]), places([old])]).toEqual([[], []])
})

test('a source is called by its file and what leads to it', () => {
  expect(title(source(1, 0, { file: '须知.docx', heading: '二 › 停车' }))).toBe('须知.docx › 二 › 停车')
  language.value = 'en'
  expect(title(source(1, 0, { file: 'faq' }))).toBe('FAQ')
  language.value = 'zh'
})

test('places are counted in the text as it came, white space before it included', () => {
  const picture = { type: 'picture' as const, media: 'm', mime: 'image/png', width: 1, height: 1 }
  expect(display(entry(1, { parts: [{ type: 'text', text: '\n你好' }, picture] }))).toBe('\n你好')
})
