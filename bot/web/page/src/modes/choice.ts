// Where she stands and how, as the address says it: ?mode=kiosk|obs, /embed, and the parameters of each.
import type { Language } from '../i18n.ts'

export type Mode = 'chat' | 'kiosk' | 'obs' | 'embed'

export interface Choice {
  mode: Mode
  /** Language the page begins in; null: the browser's, or the one chosen before. */
  language: Language | null
  /** What is behind her. */
  ground: 'place' | 'black' | 'transparent'
  /** Kiosk: seconds of silence after which a talk is over. */
  idle: number
  /** Kiosk: said in the visitor's name as she greets; '' for nothing. */
  hello: string
  /** Kiosk: whether the camera may notice who comes. */
  camera: boolean
  subtitles: boolean
  /** Subtitles' size, 1 is usual. */
  size: number
  view: 'bust' | 'half' | 'full'
  side: 'left' | 'center' | 'right'
  sound: boolean
}

/** What an address chooses; what it says wrongly is as if it were not said. */
export function choice(search: URLSearchParams, path = '/'): Choice {
  const one = <T extends string>(name: string, of: readonly T[], otherwise: T): T => of.find((each) => each === search.get(name)) ?? otherwise
  const number = (name: string, least: number, most: number, otherwise: number) => {
    const value = Number.parseFloat(search.get(name) ?? '')
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise
  }
  const on = (name: string) => !['0', 'false', 'off', 'no'].includes(search.get(name) ?? '')
  const mode: Mode = path.replace(/\/+$/, '') === '/embed' ? 'embed' : one('mode', ['chat', 'kiosk', 'obs'], 'chat')
  return {
    mode,
    language: one<Language | ''>('lang', ['zh', 'en', ''], '') || null,
    ground: mode === 'obs' ? 'transparent' : one('ground', ['place', 'black', 'transparent'], 'place'),
    idle: number('idle', 10, 3600, 60),
    hello: (search.get('hello') ?? '').trim().slice(0, 200),
    camera: on('camera'),
    subtitles: on('subtitles'),
    size: number('size', 0.5, 3, 1),
    view: one('view', ['bust', 'half', 'full'], 'half'),
    side: one('side', ['left', 'center', 'right'], 'center'),
    sound: on('sound'),
  }
}
