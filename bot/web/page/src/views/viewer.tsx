// A picture at its full size, over everything.
import { t } from '../i18n.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'

export function Viewer({ url, close }: { url: string; close: () => void }) {
  return (
    <Dialog class="viewer" label={t('sent')} close={close}>
      <img src={url} alt={t('sent')} onClick={close} />
      <button type="button" class="round" aria-label={t('close')} onClick={close}>
        <Icon name="close" />
      </button>
    </Dialog>
  )
}
