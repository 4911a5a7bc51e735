// Her place: backdrop, body, captions, and the few controls one wants at hand.
import { useEffect, useRef } from 'preact/hooks'
import { both, language, t, tongue } from '../i18n.ts'
import { plain } from '../markdown.ts'
import { Stage } from '../stage.ts'
import type { Visit } from '../visit.ts'
import { Icon } from './icons.tsx'

/** She herself, wherever she stands. */
export function Figure({ visit }: { visit: Visit }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const stage = new Stage(host.current!, visit.speech, visit.player, new URLSearchParams(location.search))
    visit.stage.value = stage
    const avatar = visit.chat.welcome.peek()?.avatar
    if (avatar) void stage.dress(avatar)
  }, [visit])
  return <div class="figure" ref={host} role="img" aria-label={t('portrait', both(visit.chat.welcome.value?.persona.name))} />
}

export function Place({ visit }: { visit: Visit }) {
  const { muted, captions } = visit.preferences
  const subtitle = captions.value && plain(visit.stage.value?.subtitle.value ?? '')
  return (
    <section class="place" aria-label={t('her')}>
      <div class="scene" aria-hidden="true" />
      <Figure visit={visit} />
      <p class="strip">{t('label')}</p>
      <div class="controls">
        <button type="button" class="round" aria-pressed={muted.value} aria-label={t(muted.value ? 'unmute' : 'mute')} title={t(muted.value ? 'unmute' : 'mute')} onClick={() => (muted.value = !muted.value)}>
          <Icon name={muted.value ? 'muted' : 'sound'} />
        </button>
        <button type="button" class={captions.value ? 'round' : 'round off'} aria-pressed={captions.value} aria-label={t('captions')} title={t('captions')} onClick={() => (captions.value = !captions.value)}>
          <Icon name="captions" />
        </button>
        <button type="button" class="round word" lang={language.value === 'zh' ? 'en' : 'zh-CN'} aria-label={`${t('tongue')} ${t('language')}`} title={t('language')} onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')}>
          {t('tongue')}
        </button>
      </div>
      {visit.locked.value && !muted.value && (
        <button type="button" class="unlock" onClick={() => void visit.unlock()}>
          <Icon name="sound" />
          {t('unlock')}
        </button>
      )}
      {subtitle && (
        <p class="subtitle" aria-hidden="true">
          <span lang={tongue(subtitle)}>{subtitle}</span>
        </p>
      )}
    </section>
  )
}
