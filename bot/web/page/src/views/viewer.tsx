// A picture at its full size, over everything; one she made says so, and can be saved.
import { t } from '../i18n.ts'
import type { PicturePart } from '../wire.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'

export interface Enlarged {
  url: string
  /** She made it. */
  made?: PicturePart | undefined
}

interface ViewerProps {
  picture: Enlarged
  /** Whoever sees it here may take it along. */
  saving?: boolean
  close: () => void
}

export function Viewer({ picture: { url, made }, saving = false, close }: ViewerProps) {
  const name = t(made ? 'madeMark' : 'sent')
  return (
    <Dialog class="viewer" label={name} close={close}>
      <div class="whole" style={made && { '--short': Math.min(made.width, made.height) || 600 }}>
        <img src={url} alt={name} onClick={close} />
        {made && <span class="mark">{t('madeMark')}</span>}
      </div>
      <div class="corner">
        {made && saving && (
          <a class="round" href={url} download={`ai-${made.media.slice(0, 12)}.${ending(made.mime)}`} aria-label={t('save')} title={t('save')}>
            <Icon name="save" />
          </a>
        )}
        <button type="button" class="round" aria-label={t('close')} title={`${t('close')} (Esc)`} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
    </Dialog>
  )
}

/** The file name's ending of a kind of picture. */
function ending(mime: string): string {
  const kind = /^image\/([a-z]+)/.exec(mime)?.[1] ?? 'png'
  return kind === 'jpeg' ? 'jpg' : kind
}
