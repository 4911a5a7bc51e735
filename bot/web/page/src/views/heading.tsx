// The top of the conversation: who she is and what she does just now.
import { both, t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import { Icon } from './icons.tsx'
import { Portrait } from './portrait.tsx'

export function Heading({ visit, open }: { visit: Visit; open: () => void }) {
  const { chat } = visit
  const link = chat.link.value
  const typing = chat.waiting.value || chat.growing.value !== null
  const state = link !== 'open' ? (link === 'connecting' ? 'connecting' : 'offline') : visit.sounding.value ? 'speaking' : typing ? 'typing' : 'online'
  return (
    <header class="heading">
      <Portrait visit={visit} />
      <div class="who">
        <h1>{both(chat.welcome.value?.persona.name) || '…'}</h1>
        <p class={`state ${state}`}>{t(state)}</p>
      </div>
      <button type="button" class="round flat" aria-label={t('menu')} title={t('menu')} aria-haspopup="dialog" onClick={open}>
        <Icon name="more" />
      </button>
    </header>
  )
}
