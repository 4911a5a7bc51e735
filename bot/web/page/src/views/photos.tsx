// Pictures in the talk: those the visitor sent, and those she made, which say so.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import type { PicturePart } from '../wire.ts'

/** Show a picture at its full size; one she made can be saved. */
export type Enlarge = (url: string, made?: PicturePart) => void

interface PhotosProps {
  visit: Visit
  /** Parts of an entry; those that are no picture are let pass. */
  parts: readonly { type: string }[]
  /** She made them. */
  made?: boolean
  enlarge: Enlarge | undefined
}

export function Photos({ visit, parts, made = false, enlarge }: PhotosProps) {
  return (
    <>
      {parts.filter(pictured).map((part) => (
        <Photo key={part.media} visit={visit} part={part} made={made} enlarge={enlarge} />
      ))}
    </>
  )
}

function Photo({ visit, part, made, enlarge }: { visit: Visit; part: PicturePart; made: boolean; enlarge: Enlarge | undefined }) {
  const url = useSignal('')
  useEffect(() => {
    let here = true
    visit.media.url(part.media, part.mime).then(
      (found) => {
        if (here) url.value = found
      },
      () => undefined,
    )
    return () => {
      here = false
    }
  }, [part.media])
  const size = { width: part.width || 4, height: part.height || 3 }
  return (
    <button
      type="button"
      class={made ? 'photo made' : 'photo'}
      aria-label={t(made ? 'madePicture' : 'picked')}
      disabled={!url.value}
      style={{ '--shape': size.width / size.height }}
      onClick={() => (made ? enlarge?.(url.value, part) : enlarge?.(url.value))}
    >
      {url.value ? <img src={url.value} alt="" width={part.width || undefined} height={part.height || undefined} /> : <span class="blank" style={{ aspectRatio: `${size.width} / ${size.height}` }} />}
      {made && <span class="mark">{t('madeMark')}</span>}
    </button>
  )
}

function pictured(part: { type: string }): part is PicturePart {
  return part.type === 'picture'
}
