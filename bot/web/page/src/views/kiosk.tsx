// In a hall: she fills the screen, invites whoever passes, talks in large type, and is a stranger again to the next one.
import { useSignal, useSignalEffect } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { FIRST } from '../board.ts'
import { both, language, t, tongue, WORDS } from '../i18n.ts'
import { plain } from '../markdown.ts'
import { watch } from '../modes/camera.ts'
import type { Choice } from '../modes/choice.ts'
import { fill } from '../modes/glass.ts'
import { type Line, renew } from '../modes/line.ts'
import { Reception, type Scene } from '../modes/reception.ts'
import { said, type Visit } from '../visit.ts'
import { Doing } from './bubbles.tsx'
import { Announcer, Caption, useCaption } from './caption.tsx'
import { starters } from './board.tsx'
import { Composer } from './composer.tsx'
import { Icon } from './icons.tsx'
import { Photos } from './photos.tsx'
import { Figure } from './place.tsx'
import { Listening, TalkButton } from './talk.tsx'
import { type Enlarged, Viewer } from './viewer.tsx'

const TICK_MS = 250
/** More of a finished reply than this is small type. */
const LARGE = 60

interface KioskProps {
  visit: Visit
  line: Line
  choice: Choice
  scene: Signal<Scene>
}

export function Kiosk({ visit, line, choice, scene }: KioskProps) {
  const writing = useSignal(false)
  const watching = useSignal(false)
  const picture = useSignal<Enlarged | null>(null)
  useSignalEffect(() => {
    if (scene.value === 'attract') picture.value = null
  })
  useReception({ visit, line, choice, scene }, writing, watching)
  const now = scene.value
  const caption = useCaption(visit).value
  const words = caption || between(visit, now)
  return (
    <main class={`kiosk ${now}${writing.value ? ' writing' : ''}`} aria-label={t('her')}>
      <div class="scene" aria-hidden="true" />
      <Figure visit={visit} />
      <p class="strip">{t('label')}</p>
      <Tongue />
      {now === 'attract' ? (
        <>
          <Invitation visit={visit} />
          <Often visit={visit} />
        </>
      ) : (
        <section class="desk" aria-label={t('chat')}>
          <Asked visit={visit} hello={choice.hello} />
          <Photos visit={visit} parts={pictures(visit)} made enlarge={(url, made) => (picture.value = { url, made })} />
          {words ? <Caption key={now} text={words} kind={words.length > LARGE ? 'long' : ''} /> : visit.chat.waiting.value && <Dots />}
          <Doing growing={visit.chat.growing.value} />
          {now === 'goodbye' ? <p class="stay">{t('stay')}</p> : <Ways visit={visit} writing={writing} />}
        </section>
      )}
      {writing.value && now !== 'attract' && (
        <div class="sheet-below" ref={(sheet) => sheet?.querySelector('textarea')?.focus()}>
          <Composer visit={visit} />
        </div>
      )}
      {picture.value && <Viewer picture={picture.value} close={() => (picture.value = null)} />}
      <Trouble visit={visit} />
      {watching.value && <p class="eye">{t('eye')}</p>}
      <Announcer visit={visit} {...(now !== 'talking' && !visit.announced.value && { instead: now === 'attract' ? '' : between(visit, now) })} />
    </main>
  )
}

/** The microphone of a kiosk: at least 64 px, beside the button for writing. */
function Ears({ visit }: { visit: Visit }) {
  if (!visit.chat.welcome.value?.ears) return null
  return (
    <div class="kiosk-ears">
      <TalkButton visit={visit} />
    </div>
  )
}

function useReception({ visit, line, choice, scene }: KioskProps, writing: Signal<boolean>, watching: Signal<boolean>): void {
  const reception = useMemo(() => {
    const usual = language.peek()
    const cue = (name: string, intensity = 1) => visit.stage.peek()?.cue(name, intensity)
    return new Reception(
      {
        beckon: () => matchMedia('(prefers-reduced-motion: reduce)').matches || cue('wave', 0.8),
        greet: () => {
          cue('wave')
          cue('smile')
          if (choice.hello) visit.ask(choice.hello)
        },
        part: () => {
          writing.value = false
          visit.microphone.close(true)
          visit.stop()
          cue('wave')
          cue('happy', 0.7)
        },
        renew: () => {
          writing.value = false
          renew(visit, line)
          language.value = usual
        },
        changed: (next) => {
          scene.value = next
        },
      },
      choice.idle,
    )
  }, [visit])
  useEffect(() => {
    visit.board.want()
    const touched = () => {
      reception.touched()
      fill()
    }
    for (const name of ['click', 'keydown', 'input']) addEventListener(name, touched)
    const seen = (present: boolean | null) => {
      watching.value = present !== null
      reception.seen(present)
    }
    if (choice.camera) watch(seen)
    // Sound that the browser keeps off does not come to an end.
    setInterval(() => reception.tick((visit.busy.peek() && !visit.locked.peek()) || visit.attentive.peek()), TICK_MS)
  }, [reception])
  useSignalEffect(() => {
    if (visit.chat.mine.value.some((each) => each.text !== choice.hello) || visit.microphone.ear.value === 'writing') reception.talked()
  })
}

/** What stands there while she says nothing. */
function between(visit: Visit, scene: Scene): string {
  if (scene === 'goodbye') return t('goodbye')
  const last = visit.chat.items.value.at(-1)
  if (last?.kind === 'entry' && last.entry.author !== 'user') return plain(said(last.entry))
  return last ? '' : both(visit.chat.welcome.value?.persona.greeting)
}

/** What she made for what was said last. */
function pictures(visit: Visit): readonly { type: string }[] {
  const last = visit.chat.items.value.at(-1)
  return visit.chat.growing.value?.pictures ?? (last?.kind === 'entry' && last.entry.author !== 'user' ? last.entry.parts : [])
}

function Invitation({ visit }: { visit: Visit }) {
  const other = language.value === 'zh' ? 'en' : 'zh'
  return (
    <button type="button" class={visit.board.items.value.length > 0 ? 'beckon over' : 'beckon'}>
      <small>{both(visit.chat.welcome.value?.persona.name)}</small>
      <strong>{t('beckon')}</strong>
      <span lang={other === 'zh' ? 'zh-CN' : 'en'}>{WORDS.beckon[other]}</span>
    </button>
  )
}

/** What people ask, to be asked by who passes by. */
function Often({ visit }: { visit: Visit }) {
  const items = visit.board.items.value.slice(0, FIRST)
  if (items.length === 0) return null
  return (
    <nav class="often" aria-label={t('board')}>
      <p>{t('boardAsk')}</p>
      <div class="chips">
        {items.map((each) => (
          <button key={each.id} type="button" lang={tongue(each.text)} onClick={() => visit.ask(each.text)}>
            {each.text}
          </button>
        ))}
      </div>
    </nav>
  )
}

/** What the visitor said last. */
function Asked({ visit, hello }: { visit: Visit; hello: string }) {
  const items = visit.chat.items.value
  const last = items.findLast((each) => each.kind === 'mine' || each.entry.author === 'user')
  const text = last?.kind === 'mine' ? last.mine.text : last ? said(last.entry) : ''
  const failed = last?.kind === 'mine' && last.mine.state === 'failed' && (last.mine.notice || t('failed'))
  return text && text !== hello ? (
    <p class="asked">
      {text}
      {failed && <small role="alert">{failed}</small>}
    </p>
  ) : null
}

function Ways({ visit, writing }: { visit: Visit; writing: Signal<boolean> }) {
  const fresh = visit.chat.items.value.length === 0
  return (
    <>
      {fresh && (
        <div class="chips">
          {starters(visit).map((text) => (
            <button key={text} type="button" onClick={() => visit.ask(text)}>
              {text}
            </button>
          ))}
        </div>
      )}
      {!writing.value && <Listening visit={visit} />}
      <div class="ways">
        <Ears visit={visit} />
        <button type="button" class="way" aria-expanded={writing.value} onClick={() => (writing.value = !writing.value)}>
          <Icon name="pen" />
          {t('write')}
        </button>
        {visit.busy.value && (
          <button type="button" class="way quiet" onClick={() => visit.stop()}>
            <Icon name="stop" />
            {t('quiet')}
          </button>
        )}
      </div>
    </>
  )
}

function Tongue() {
  const other = language.value === 'zh' ? 'en' : 'zh'
  return (
    <button type="button" class="tongue" lang={other === 'zh' ? 'zh-CN' : 'en'} aria-label={`${t('tongue')} ${t('language')}`} onClick={() => (language.value = other)}>
      {t('tongue')}
    </button>
  )
}

function Dots() {
  return (
    <p class="subtitle thinking" aria-hidden="true">
      <span>
        <i />
        <i />
        <i />
      </span>
    </p>
  )
}

/** Only what a visitor can see anyway: that she cannot be reached. */
function Trouble({ visit }: { visit: Visit }) {
  const denied = visit.chat.link.value === 'denied'
  return (
    <div class="trouble" role="status">
      {denied && (
        <a class="pill" href="/login">
          {t('denied')}
        </a>
      )}
      {visit.toast.value && <p>{visit.toast.value}</p>}
    </div>
  )
}
