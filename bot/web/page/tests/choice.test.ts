import { expect, test } from 'vitest'
import { choice } from '../src/modes/choice.ts'

const of = (query: string, path?: string) => choice(new URLSearchParams(query), path)

test('without a word it is the chat', () => {
  expect(of('')).toMatchObject({ mode: 'chat', language: null, ground: 'place', sound: true })
})

test('a kiosk is told its ground, its patience and its tongue', () => {
  expect(of('mode=kiosk&ground=black&idle=90&lang=en&camera=0&hello=%20hi%20')).toMatchObject({
    mode: 'kiosk', ground: 'black', idle: 90, language: 'en', camera: false, hello: 'hi',
  })
})

test('a stream has no ground, whatever the address says', () => {
  expect(of('mode=obs&ground=place&view=bust&side=left&subtitles=0&size=1.4')).toMatchObject({
    mode: 'obs', ground: 'transparent', view: 'bust', side: 'left', subtitles: false, size: 1.4,
  })
})

test('the frame of other pages is told by its path', () => {
  expect(of('mode=kiosk', '/embed').mode).toBe('embed')
  expect(of('', '/embed/').mode).toBe('embed')
})

test('nonsense is as if it were not said', () => {
  expect(of('mode=tv&ground=red&idle=soon&lang=fr&size=99&view=feet')).toMatchObject({
    mode: 'chat', ground: 'place', idle: 60, language: null, size: 3, view: 'half',
  })
  expect(of('mode=kiosk&idle=1').idle).toBe(10)
})
