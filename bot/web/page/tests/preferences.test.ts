import { expect, test } from 'vitest'
import { language } from '../src/i18n.ts'
import { preferences } from '../src/preferences.ts'
import { remembered } from '../src/remembered.ts'
import { fakeStore } from './fakes.ts'

test('choices are kept and found again', () => {
  const store = fakeStore()
  const first = preferences(store, 'zh')
  first.speed.value = 1.25
  first.muted.value = true
  language.value = 'en'
  const again = preferences(fakeStore({ preferences: store.kept['preferences']! }), 'zh')
  expect([again.speed.value, again.muted.value, again.captions.value, language.value]).toEqual([1.25, true, true, 'en'])
})

test('nonsense in the store is as good as nothing', () => {
  for (const broken of ['{', '7', '{"speed": "fast", "volume": 9, "muted": 1}', 'null']) {
    const own = preferences(fakeStore({ preferences: broken }), 'zh')
    expect([own.speed.value, own.volume.value, own.muted.value]).toEqual([1, 1, false])
  }
})

test('a store that is blocked or full remembers for this visit', () => {
  const blocked = remembered(() => {
    throw new Error('SecurityError')
  })
  blocked.setItem('a', '1')
  expect(blocked.getItem('a')).toBe('1')
  blocked.removeItem('a')
  expect(blocked.getItem('a')).toBeNull()
  expect(blocked.getItem('b')).toBeNull()
})

test('what is kept carries our name', () => {
  const inner = fakeStore()
  remembered(() => inner).setItem('visitor', 'v')
  expect(inner.kept).toEqual({ 'zhiyin.visitor': 'v' })
  expect(remembered(() => inner).getItem('visitor')).toBe('v')
})
