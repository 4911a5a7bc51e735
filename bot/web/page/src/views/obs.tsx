// In a stream: she alone on nothing, her words below if wanted, and the strip that stays.
import type { Choice } from '../modes/choice.ts'
import { t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import { Announcer, Caption, useCaption } from './caption.tsx'
import { Icon } from './icons.tsx'
import { Figure } from './place.tsx'

export function Obs({ visit, choice }: { visit: Visit; choice: Choice }) {
  const caption = useCaption(visit).value
  return (
    <main class={`obs ${choice.view} ${choice.side}`}>
      <Figure visit={visit} />
      {choice.subtitles && caption && <Caption text={caption} />}
      <p class="strip">{t('label')}</p>
      {visit.locked.value && choice.sound && !('obsstudio' in window) && (
        <button type="button" class="unlock" onClick={() => void visit.unlock()}>
          <Icon name="sound" />
          {t('unlock')}
        </button>
      )}
      {visit.chat.link.value === 'denied' && <p class="subtitle"><span>{t('denied')}</span></p>}
      <Announcer visit={visit} />
    </main>
  )
}
