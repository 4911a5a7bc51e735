// By what she says it: which sources a reply shows, in which order, and where.
import { t } from './i18n.ts'
import type { Entry, Source } from './wire.ts'

/** Cards below a reply before the rest is folded away. */
export const FEW = 3

/** Each source once, by its number. */
export function cards(sources: readonly Source[]): Source[] {
  const shown = new Map<number, Source>()
  for (const source of sources) if (source.number > 0 && !shown.has(source.number)) shown.set(source.number, source)
  return [...shown.values()].sort((a, b) => a.number - b.number)
}

/** Where numbers stand in the text, each once at a place. */
export function places(sources: readonly Source[]): Source[] {
  const seen = new Set<string>()
  return sources.filter(({ number, at }) => number > 0 && !seen.has(`${number} ${at}`) && seen.add(`${number} ${at}`))
}

/** What the file of a source is called. */
export function file(source: Source): string {
  return source.file === 'faq' ? t('faq') : source.file
}

/** What a source is called: its file, and where in it. */
export function title(source: Source): string {
  return [file(source), source.heading].filter(Boolean).join(' › ')
}

/** An entry's text with the white space at its ends, as places in it are counted. */
export function display(entry: Entry): string {
  return entry.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
