// By what she says it: numbers in her text, cards below it, and what the source says itself.
import { useSignal } from '@preact/signals'
import { t, tongue } from '../i18n.ts'
import type { Mark } from '../markdown.ts'
import { cards, FEW, file, places, title } from '../sources.ts'
import type { Source } from '../wire.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'

/** A source being read, and where on the screen it was asked for. */
export interface Reading {
  source: Source
  beside: DOMRect
}

type Read = (reading: Reading) => void

/** The numbers in a text. They are drawn, not written: who copies the text copies none. */
export function numbers(sources: readonly Source[], read: Read): Mark[] {
  return places(sources).map((source) => ({
    at: source.at,
    node: (
      <sup class="number">
        <button type="button" data-number={source.number} aria-label={t('source', source.number)} title={title(source)} onClick={(event) => read(reading(source, event))} />
      </sup>
    ),
  }))
}

/** The sources below a reply. */
export function Cards({ sources, read }: { sources: readonly Source[]; read: Read }) {
  const whole = useSignal(false)
  const all = cards(sources)
  if (all.length === 0) return null
  const shown = whole.value ? all : all.slice(0, FEW)
  return (
    <ul class="cards" aria-label={t('sources')}>
      {shown.map((source) => (
        <li key={source.number}>
          <button type="button" class="card" aria-label={`${t('source', source.number)} ${title(source)}`} title={title(source)} onClick={(event) => read(reading(source, event))}>
            <b>〔{source.number}〕</b>
            <span lang={tongue(title(source))}>{title(source)}</span>
          </button>
        </li>
      ))}
      {all.length > FEW && !whole.value && (
        <li>
          <button type="button" class="card" aria-label={t('moreSources', all.length - FEW)} onClick={() => (whole.value = true)}>
            +{all.length - FEW}
          </button>
        </li>
      )}
    </ul>
  )
}

/** What a source says, beside where it was asked for; on a phone from below. */
export function Excerpt({ reading: { source, beside }, close }: { reading: Reading; close: () => void }) {
  const above = beside.bottom > innerHeight / 2
  const place = { '--x': `${beside.left}px`, '--y': `${above ? innerHeight - beside.top : beside.bottom}px` }
  return (
    <Dialog class={`excerpt ${above ? 'above' : 'under'}`} label={`${t('source', source.number)} ${title(source)}`} style={place} close={close}>
      <div class="sheet">
        <header>
          <b aria-hidden="true">{source.number}</b>
          <h2 lang={tongue(title(source))}>
            {file(source)}
            {source.heading && <small>{source.heading}</small>}
          </h2>
          <button type="button" class="round flat" aria-label={t('close')} title={`${t('close')} (Esc)`} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {source.text && (
          <blockquote tabIndex={0} lang={tongue(source.text)}>
            {source.text}
          </blockquote>
        )}
      </div>
    </Dialog>
  )
}

function reading(source: Source, event: MouseEvent): Reading {
  return { source, beside: (event.currentTarget as Element).getBoundingClientRect() }
}
