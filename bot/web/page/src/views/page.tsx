// The whole page: her place, and the conversation beside or below it.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import { Board } from './board.tsx'
import { Announcer, Doings } from './caption.tsx'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { Dialog } from './dialog.tsx'
import { Heading } from './heading.tsx'
import { Icon } from './icons.tsx'
import { Menu } from './menu.tsx'
import { Place } from './place.tsx'
import { type Enlarged, Viewer } from './viewer.tsx'
import { Wardrobe } from './wardrobe.tsx'

export function Page({ visit, close }: { visit: Visit; close?: () => void }) {
  const menu = useSignal(false)
  const picture = useSignal<Enlarged | null>(null)
  const dropping = useSignal(false)
  useEffect(() => {
    visit.board.want()
    const quiet = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing && !document.querySelector('dialog[open]')) visit.stop()
    }
    addEventListener('keydown', quiet)
    return () => removeEventListener('keydown', quiet)
  }, [visit])
  const drop = (event: DragEvent) => {
    event.preventDefault()
    dropping.value = false
    void visit.add(event.dataTransfer?.files ?? [])
  }
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    dropping.value = true
  }
  const leave = (event: DragEvent) => {
    if (!(event.currentTarget as Element).contains(event.relatedTarget as Element | null)) dropping.value = false
  }
  return (
    <main class="page" onDragOver={over} onDragLeave={leave} onDrop={drop}>
      <Place visit={visit} />
      <section class="phone" aria-label={t('chat')}>
        <Heading visit={visit} open={() => (menu.value = true)} />
        <Notices visit={visit} framed={close !== undefined} />
        {visit.dressing.value ? (
          <Wardrobe visit={visit} />
        ) : (
          <>
            <Conversation visit={visit} enlarge={(url, made) => (picture.value = { url, made })} />
            <Composer visit={visit} />
          </>
        )}
        {dropping.value && <div class="drop">{t('drop')}</div>}
      </section>
      <Announcer visit={visit} />
      <Doings visit={visit} />
      {close && (
        <button type="button" class="round shut" aria-label={t('shut')} title={`${t('shut')} (Esc)`} onClick={close}>
          <Icon name="down" />
        </button>
      )}
      {menu.value && <Menu visit={visit} close={() => (menu.value = false)} />}
      {visit.board.open.value && <Board visit={visit} />}
      {visit.invitation.value && <Invitation visit={visit} />}
      {picture.value && <Viewer picture={picture.value} saving close={() => (picture.value = null)} />}
    </main>
  )
}

/** A personal link asks for a tap; the tap wakes the sound as well. */
function Invitation({ visit }: { visit: Visit }) {
  const come = () => {
    void visit.unlock()
    void visit.meet()
  }
  const stay = () => {
    visit.invitation.value = ''
    visit.link.connect()
  }
  return (
    <Dialog class="invitation" label={t('meetTitle')} close={stay}>
      <h2>{t('meetTitle')}</h2>
      <p>{t('meetWords')}</p>
      <button type="button" class="pill" autofocus onClick={come}>
        {t('meet')}
      </button>
    </Dialog>
  )
}

function Notices({ visit, framed }: { visit: Visit; framed: boolean }) {
  const { chat } = visit
  const denied = chat.link.value === 'denied'
  return (
    <div class="notices" role="status">
      {denied && (
        <p class="notice bad">
          {t('denied')} <a href="/login" {...(framed && { target: '_blank', rel: 'noopener' })}>{t('login')}</a>
        </p>
      )}
      {chat.link.value === 'waiting' && <p class="notice">{t('offline')}</p>}
      {chat.notice.value && (
        <p class="notice">
          <span>{chat.notice.value}</span>
          <button type="button" class="plain" onClick={() => (chat.notice.value = '')}>
            {t('close')}
          </button>
        </p>
      )}
      {visit.toast.value && <p class="notice toast">{visit.toast.value}</p>}
    </div>
  )
}
