import { afterEach, expect, test } from 'vitest'
import { language, moment, preferred, several, t, tongue, WORDS, type WordName } from '../src/i18n.ts'

afterEach(() => {
  language.value = 'zh'
})

test('every word is there in both languages, with the same places to fill in', () => {
  for (const [name, { zh, en }] of Object.entries(WORDS)) {
    expect(zh, name).not.toBe('')
    expect(en, name).not.toBe('')
    expect(zh.match(/\{\d\}/g)?.sort() ?? [], name).toEqual(en.match(/\{\d\}/g)?.sort() ?? [])
  }
})

test('texts follow the language', () => {
  expect(t('send')).toBe('发送')
  language.value = 'en'
  expect(t('send')).toBe('Send')
  expect(t('play' satisfies WordName, 3)).toBe('Play this reply, 3 seconds')
})

test('the browser’s first language that we speak decides', () => {
  expect(preferred(['en-US', 'zh-CN'])).toBe('en')
  expect(preferred(['fr', 'zh-TW'])).toBe('zh')
  expect(preferred(['fr'])).toBe('zh')
})

test('a text’s letters tell its language', () => {
  expect([tongue('I’m Ayin.'), tongue('我用 Python'), tongue('😀 123')]).toEqual(['en', 'zh-CN', 'zh-CN'])
})

test('times read as in a chat', () => {
  const noon = new Date(2026, 10, 25, 12, 0).getTime() / 1000
  const day = 86400
  expect(moment(noon - 600, noon)).toBe('11:50')
  expect(moment(noon - day, noon)).toBe('昨天 12:00')
  expect(moment(noon - 2 * day, noon)).toBe('星期一 12:00')
  expect(moment(noon - 30 * day, noon)).toBe('10月26日 12:00')
  expect(moment(noon - 400 * day, noon)).toContain('2025年')
})

test('lists follow the language, and stand in for each other', () => {
  expect(several({ zh: ['你是谁'], en: ['Who are you?'] })).toEqual(['你是谁'])
  expect(several({ zh: [], en: ['Who are you?'] })).toEqual(['Who are you?'])
  language.value = 'en'
  expect(several({ zh: ['你是谁'], en: [] })).toEqual(['你是谁'])
  expect([several({ zh: [], en: [] }), several(undefined)]).toEqual([[], []])
})
