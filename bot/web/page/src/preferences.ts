// How someone likes to hear and read her, kept in the browser.
import { effect, type Signal, signal } from '@preact/signals'
import { type Language, language } from './i18n.ts'
import type { Store } from './link.ts'

export const SPEEDS = [0.75, 1, 1.25, 1.5] as const

export interface Preferences {
  /** 0…1 */
  volume: Signal<number>
  /** One of SPEEDS. */
  speed: Signal<number>
  muted: Signal<boolean>
  captions: Signal<boolean>
}

/** The preferences as they were left, or the usual ones; every change is kept. */
export function preferences(store: Store, usual: Language): Preferences {
  const kept = parsed(store.getItem('preferences'))
  const number = (name: string, otherwise: number) => (typeof kept[name] === 'number' ? kept[name] : otherwise)
  const flag = (name: string, otherwise: boolean) => (typeof kept[name] === 'boolean' ? kept[name] : otherwise)
  const speed = number('speed', 1)
  const all: Preferences = {
    volume: signal(Math.min(1, Math.max(0, number('volume', 1)))),
    speed: signal(SPEEDS.find((each) => each === speed) ?? 1),
    muted: signal(flag('muted', false)),
    captions: signal(flag('captions', true)),
  }
  language.value = kept['language'] === 'zh' || kept['language'] === 'en' ? kept['language'] : usual
  effect(() => {
    const values = Object.fromEntries(Object.entries(all).map(([name, each]) => [name, each.value]))
    store.setItem('preferences', JSON.stringify({ ...values, language: language.value }))
  })
  return all
}

function parsed(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
