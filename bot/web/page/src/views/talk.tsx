// Talking to her: the button that is held or tapped, and the strip that shows what she hears.
import { useRef } from 'preact/hooks'
import { t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import { Icon } from './icons.tsx'

/** A shorter touch is a tap, which keeps the microphone open. */
const TAP_MS = 350
/** Sliding up so far takes back what was said. */
const SLIDE = 70

export function TalkButton({ visit }: { visit: Visit }) {
  const { microphone } = visit
  const pressed = useRef({ at: 0, y: 0 })
  const on = microphone.ear.value !== 'off'
  const free = on && microphone.mode.value === 'free'
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || free) return
    ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
    pressed.current = { at: event.timeStamp, y: event.clientY }
    void visit.unlock()
    void microphone.open('push')
  }
  const move = (event: PointerEvent) => {
    if (pressed.current.at) visit.dropping.value = pressed.current.y - event.clientY > SLIDE
  }
  const up = (event: PointerEvent) => {
    const { at } = pressed.current
    if (!at) return
    pressed.current = { at: 0, y: 0 }
    const drop = visit.dropping.value || event.type === 'pointercancel'
    visit.dropping.value = false
    if (!drop && event.timeStamp - at < TAP_MS) void microphone.open('free')
    else microphone.close(drop)
  }
  // A click without a pointer comes from a key or a screen reader.
  const click = (event: MouseEvent) => {
    if (free) microphone.close(true)
    else if (event.detail === 0) {
      void visit.unlock()
      void microphone.open('free')
    }
  }
  return (
    <button
      type="button"
      class={`round talk${on ? ' on' : ''}`}
      aria-label={free ? t('talking') : t('talk')}
      title={free ? t('talking') : t('talk')}
      aria-pressed={free}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onClick={click}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Icon name="mic" />
    </button>
  )
}

/** What the microphone hears, for the eye and for a screen reader. */
export function Listening({ visit }: { visit: Visit }) {
  const { ear, mode, level } = visit.microphone
  if (ear.value === 'off') return null
  const pushing = mode.value === 'push' && ear.value === 'speech'
  const words = { opening: t('micOpening'), open: t('micOpen'), speech: pushing ? t(visit.dropping.value ? 'micDrop' : 'micPush') : t('micSpeech'), writing: t('micWriting') }
  return (
    <div class={`listening ${ear.value}${visit.dropping.value ? ' dropping' : ''}`} role="status">
      <Meter level={level.value} />
      <span>{words[ear.value]}</span>
      {mode.value === 'free' && (
        <button type="button" class="plain" aria-label={t('talking')} title={t('talking')} onClick={() => visit.microphone.close(true)}>
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}

/** Bars that dance with the voice; each remembers a moment of it. */
function Meter({ level }: { level: number }) {
  const past = useRef<number[]>([0, 0, 0, 0, 0, 0, 0])
  if (past.current.at(-1) !== level) past.current = [...past.current.slice(1), level]
  return (
    <svg class="meter" viewBox="0 0 42 24" aria-hidden="true">
      {past.current.map((each, at) => {
        const height = 3 + 19 * each
        return <rect key={at} x={at * 6 + 1} y={12 - height / 2} width="3.4" height={height} rx="1.7" />
      })}
    </svg>
  )
}
