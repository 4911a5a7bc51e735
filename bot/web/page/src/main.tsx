// The page starts here: who visits, how to reach her, and what is shown.
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { language, preferred, tag } from './i18n.ts'
import type { Socket } from './link.ts'
import { choice } from './modes/choice.ts'
import { follow } from './modes/follow.ts'
import { framed } from './modes/framed.ts'
import { keep } from './modes/keep.ts'
import { Line } from './modes/line.ts'
import type { Scene } from './modes/reception.ts'
import { preferences } from './preferences.ts'
import { remembered } from './remembered.ts'
import { Kiosk } from './views/kiosk.tsx'
import { Obs } from './views/obs.tsx'
import { Page } from './views/page.tsx'
import { Visit } from './visit.ts'
import { PROTOCOL } from './wire.ts'

declare global {
  interface Window {
    /** The page from inside, for tests and the curious. */
    zhiyin: { visit: Visit; readonly scene: Scene; readonly stage: unknown; readonly speech: unknown; readonly player: unknown; readonly chat: unknown; readonly link: unknown }
  }
}

const chosen = choice(new URLSearchParams(location.search), location.pathname)
const { mode } = chosen
const nowhere = () => {
  throw new DOMException('a place for strangers', 'SecurityError')
}
// A kiosk remembers nobody; a stream has the visitor of the window beside it, but its own loudness.
const store = remembered(mode === 'kiosk' ? nowhere : undefined)
const wishes = preferences(mode === 'obs' ? remembered(nowhere) : store, chosen.language ?? preferred(navigator.languages))
if (chosen.language) language.value = chosen.language
if (!chosen.sound) wishes.muted.value = true
Object.assign(document.documentElement.dataset, { mode, ground: chosen.ground })
document.documentElement.style.setProperty('--size', String(chosen.size))
const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`
const line = new Line(() => new WebSocket(address, PROTOCOL) as Socket)
const visit = new Visit(store, wishes, () => line.open())

effect(() => {
  document.documentElement.lang = tag.value
  const name = visit.chat.welcome.value?.persona.name[language.value] ?? ''
  document.title = language.value === 'zh' ? `${name || '阿音'} · 知音` : `${name || 'Ayin'} · Zhiyin`
})
for (const touch of ['pointerup', 'keydown']) addEventListener(touch, () => visit.locked.peek() && void visit.unlock(), { capture: true })
document.addEventListener('WeixinJSBridgeReady', () => void visit.unlock())
addEventListener('online', () => visit.link.connect())
document.addEventListener('visibilitychange', () => document.hidden || visit.link.connect())

// Where the keyboard covers the page instead of shrinking it (iOS), the page shrinks itself.
const screen = window.visualViewport
screen?.addEventListener('resize', () => {
  if (screen.scale > 1.01) return
  document.documentElement.style.setProperty('--height', `${screen.height}px`)
  scrollTo(0, 0)
})

const scene = signal<Scene>('attract')
window.zhiyin = {
  visit,
  get scene() {
    return scene.peek()
  },
  get stage() {
    return visit.stage.peek()
  },
  speech: visit.speech,
  player: visit.player,
  chat: visit.chat,
  link: visit.link,
}
const close = mode === 'embed' && parent !== self ? framed(visit) : undefined
if (mode === 'kiosk') keep(visit, scene)
if (mode === 'obs') follow(visit, line)
const view = mode === 'kiosk' ? <Kiosk visit={visit} line={line} choice={chosen} scene={scene} /> : mode === 'obs' ? <Obs visit={visit} choice={chosen} /> : <Page visit={visit} {...(close && { close })} />
render(view, document.getElementById('page')!)
visit.listen()
const invited = /^#meet=([\w-]{8,64})$/.exec(location.hash)
if (invited?.[1]) {
  history.replaceState(null, '', location.pathname + location.search)
  visit.invitation.value = invited[1]
} else visit.link.connect()
