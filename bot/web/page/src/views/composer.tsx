// The box one writes in: text, pictures, send and stop.
import { useLayoutEffect, useRef } from 'preact/hooks'
import { count } from '../heard.ts'
import { t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import { offered } from './board.tsx'
import { Icon } from './icons.tsx'
import { Listening, TalkButton } from './talk.tsx'

/** From this share of the limit on, the box counts aloud. */
const NEAR = 0.9

export function Composer({ visit }: { visit: Visit }) {
  const box = useRef<HTMLTextAreaElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const text = visit.draft.value
  const limit = visit.limit.value
  const length = text.length > limit * NEAR ? count(text) : 0
  const over = length > limit
  const ears = visit.chat.welcome.value?.ears === true
  const something = text.trim() !== '' || visit.pictures.value.length > 0
  useLayoutEffect(() => {
    const area = box.current!
    area.style.height = 'auto'
    area.style.height = `${area.scrollHeight}px`
  }, [text])
  const key = (event: KeyboardEvent) => {
    // 229: an input method is at work (Safari ends its composition before the key).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
    event.preventDefault()
    visit.say()
  }
  const paste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    void visit.add(files)
  }
  const submit = (event: Event) => {
    event.preventDefault()
    visit.say()
    box.current?.focus()
  }
  return (
    <form class="composer" onSubmit={submit}>
      <Tray visit={visit} />
      <Listening visit={visit} />
      {length > 0 && (
        <p class={over ? 'count over' : 'count'} id="count" role={over ? 'alert' : undefined}>
          {over ? t('long', limit, length) : t('left', length, limit)}
        </p>
      )}
      <div class="row">
        <button type="button" class="round flat" aria-label={t('picture')} title={t('picture')} onClick={() => file.current?.click()}>
          <Icon name="picture" />
        </button>
        {offered(visit) && (
          <button type="button" class="round flat" aria-label={t('board')} title={t('board')} aria-haspopup="dialog" onClick={() => (visit.board.open.value = true)}>
            <Icon name="ask" />
          </button>
        )}
        <textarea
          ref={box}
          rows={1}
          value={text}
          placeholder={t('placeholder')}
          aria-label={t('placeholder')}
          aria-invalid={over}
          aria-describedby={length > 0 ? 'count' : undefined}
          enterkeyhint="send"
          autocomplete="off"
          onInput={(event) => {
            visit.draft.value = event.currentTarget.value
            visit.composing.value = event.currentTarget.value !== ''
          }}
          onBlur={() => (visit.composing.value = false)}
          onKeyDown={key}
          onPaste={paste}
        />
        {visit.busy.value && (
          <button type="button" class="round halt" aria-label={t('stop')} title={`${t('stop')} (Esc)`} onClick={() => visit.stop()}>
            <Icon name="stop" />
          </button>
        )}
        {!something && ears && <TalkButton visit={visit} />}
        {(something || (!ears && !visit.busy.value)) && (
          <button type="submit" class="round send" aria-label={t('send')} title={t('send')} disabled={!something || over}>
            <Icon name="send" />
          </button>
        )}
      </div>
      <input
        ref={file}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label={t('picture')}
        onChange={(event) => {
          void visit.add([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </form>
  )
}

/** Pictures about to be sent. */
function Tray({ visit }: { visit: Visit }) {
  const pictures = visit.pictures.value
  if (pictures.length === 0) return null
  return (
    <ul class="tray">
      {pictures.map((picture) => (
        <li key={picture.id}>
          <img src={picture.url} alt={t('sent')} />
          <button type="button" aria-label={t('remove')} title={t('remove')} onClick={() => visit.remove(picture)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}
