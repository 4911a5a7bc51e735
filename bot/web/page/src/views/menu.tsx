// Settings and the rarer wishes: sound, speed, captions, language, a new conversation, forgetting.
import { useSignal } from '@preact/signals'
import { language, t } from '../i18n.ts'
import { SPEEDS } from '../preferences.ts'
import type { Visit } from '../visit.ts'
import { offered } from './board.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'

export function Menu({ visit, close }: { visit: Visit; close: () => void }) {
  const asking = useSignal(false)
  const done = (act: () => void) => () => {
    act()
    close()
  }
  return (
    <Dialog class="menu" label={t('settings')} close={close}>
      <div class="sheet">
        {asking.value ? (
          <Ask yes={done(() => visit.forget())} no={() => (asking.value = false)} />
        ) : (
          <>
            <Sound visit={visit} />
            <hr />
            {offered(visit) && (
              <button type="button" class="item" onClick={done(() => (visit.board.open.value = true))}>
                <Icon name="ask" />
                {t('board')}
              </button>
            )}
            <button type="button" class="item" onClick={done(() => visit.ask(t('remembersAsk')))}>
              <Icon name="heart" />
              {t('remembers')}
            </button>
            <button type="button" class="item" onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')}>
              <Icon name="world" />
              <span lang={language.value === 'zh' ? 'en' : 'zh-CN'}>{t('language')}</span>
            </button>
            <button type="button" class="item" onClick={done(() => visit.fresh())}>
              <Icon name="fresh" />
              {t('fresh')}
            </button>
            {visit.chat.welcome.value?.operator && (
              <button type="button" class="item" onClick={done(() => (visit.dressing.value = true))}>
                <Icon name="dress" />
                {t('dress')}
              </button>
            )}
            <Credits visit={visit} />
            <a class="item" href="/assets/licences.txt" target="_blank" rel="noopener">
              <Icon name="paper" />
              {t('licences')}
            </a>
            <hr />
            <button type="button" class="item grave" onClick={() => (asking.value = true)}>
              <Icon name="bin" />
              {t('forget')}
            </button>
          </>
        )}
      </div>
    </Dialog>
  )
}

/** Whose body it is, as its file says. */
function Credits({ visit }: { visit: Visit }) {
  const credits = visit.stage.value?.credits.value
  if (!credits) return null
  return (
    <p class="credits">
      {t('bodyBy', credits.title, credits.authors.join(', ') || '?')}
      <small>{credits.url ? <a href={credits.url} target="_blank" rel="noopener noreferrer">{credits.licence || credits.url}</a> : credits.licence}</small>
    </p>
  )
}

function Sound({ visit }: { visit: Visit }) {
  const { volume, speed, muted, captions } = visit.preferences
  return (
    <>
      <label class="setting">
        <span>{t('volume')}</span>
        <input
          type="range"
          min="0"
          max="100"
          value={muted.value ? 0 : Math.round(volume.value * 100)}
          onInput={(event) => {
            const value = Number(event.currentTarget.value) / 100
            muted.value = value === 0
            if (value > 0) volume.value = value
          }}
        />
      </label>
      <div class="setting" role="radiogroup" aria-label={t('speed')}>
        <span>{t('speed')}</span>
        <div class="choices">
          {SPEEDS.map((each) => (
            <button key={each} type="button" role="radio" aria-checked={speed.value === each} onClick={() => (speed.value = each)}>
              {each}×
            </button>
          ))}
        </div>
      </div>
      <Switch name={t('voice')} on={!muted.value} turn={(on) => (muted.value = !on)} />
      <Switch name={t('captions')} on={captions.value} turn={(on) => (captions.value = on)} />
    </>
  )
}

function Switch({ name, on, turn }: { name: string; on: boolean; turn: (on: boolean) => void }) {
  return (
    <button type="button" class="setting" role="switch" aria-checked={on} onClick={() => turn(!on)}>
      <span>{name}</span>
      <i class="knob" />
    </button>
  )
}

function Ask({ yes, no }: { yes: () => void; no: () => void }) {
  return (
    <div class="ask">
      <p>{t('forgetAsk')}</p>
      <button type="button" class="pill grave" onClick={yes}>
        {t('yes')}
      </button>
      <button type="button" class="pill" autofocus onClick={no}>
        {t('no')}
      </button>
    </div>
  )
}
