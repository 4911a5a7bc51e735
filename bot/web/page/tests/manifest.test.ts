import { expect, test } from 'vitest'
import { manifest, meaning, mouth, PLAIN } from '../src/body/manifest.ts'
import { VISEMES } from '../src/track.ts'

test('a broken or missing manifest leaves the usual abilities', () => {
  for (const broken of [null, 3, 'x', {}]) expect(manifest(broken)).toEqual(PLAIN)
})

test('cues are found by name and by their other names', () => {
  const own = manifest({ expressions: { happy: { zh: '高兴', en: 'happy', cues: ['joy'], vrm: { happy: 1 } } }, gestures: { wave: { zh: '挥手', en: 'wave', cues: ['hello'] } } })
  expect(meaning('joy', own)).toEqual({ expression: 'happy' })
  expect(meaning('hello', own)).toEqual({ gesture: 'wave' })
  expect(meaning('constructor', own)).toBeNull()
  expect(meaning('explode', own)).toBeNull()
})

test('every viseme has a mouth, silence and lips are closed', () => {
  for (const name of VISEMES) {
    const sum = Object.values(mouth({ [name]: 1 }, PLAIN)).reduce((total, each) => total + each, 0)
    if (name === 'sil' || name === 'PP') expect(sum).toBe(0)
    else expect(sum).toBeGreaterThan(0.1)
  }
})

test('the manifest’s own mouth comes first', () => {
  const own = manifest({ visemes: { aa: { oh: 0.5 } } })
  expect(mouth({ aa: 1 }, own)).toEqual({ aa: 0, ih: 0, ou: 0, ee: 0, oh: 0.5 })
})
