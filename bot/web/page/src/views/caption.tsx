// What she says, to read: the line one hears, or where nothing sounds, the words as they come.
import { computed, type ReadonlySignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { both, t, tongue } from '../i18n.ts'
import { plain } from '../markdown.ts'
import type { Visit } from '../visit.ts'

/** Her words of this moment; '' when she says nothing. */
export function useCaption(visit: Visit): ReadonlySignal<string> {
  return useMemo(() => computed(() => plain(visit.stage.value?.subtitle.value || visit.chat.growing.value?.text || '')), [visit])
}

export function Caption({ text, kind = '' }: { text: string; kind?: string }) {
  return (
    <p class={`subtitle ${kind}`} aria-hidden="true">
      <span lang={tongue(text)}>{text}</span>
    </p>
  )
}

/** Her finished replies for a screen reader: whole, not word by word. */
export function Announcer({ visit, instead }: { visit: Visit; instead?: string }) {
  const name = both(visit.chat.welcome.value?.persona.name)
  const text = instead ?? visit.announced.value
  return (
    <div class="unseen" role="log" aria-live="polite">
      {text && t('says', name, text)}
    </div>
  )
}

/** What she is about, for a screen reader. */
export function Doings({ visit }: { visit: Visit }) {
  return (
    <p class="unseen" role="status">
      {both(visit.chat.growing.value?.tools.at(-1))}
    </p>
  )
}
