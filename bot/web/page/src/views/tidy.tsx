// What the operator does with a question on the board: its wording, its place, its twin, its end.
import { useSignal } from '@preact/signals'
import type { Board } from '../board.ts'
import { t, tongue } from '../i18n.ts'
import type { Asked } from '../wire.ts'
import { Icon } from './icons.tsx'

export function Tidy({ board, item, done }: { board: Board; item: Asked; done: () => void }) {
  const text = useSignal(item.text)
  const into = useSignal('')
  const others = board.items.value.filter((each) => each.id !== item.id)
  const reword = (event: Event) => {
    event.preventDefault()
    const next = text.value.trim()
    if (next && next !== item.text) board.change(item.id, 'word', { text: next })
    done()
  }
  const merge = (event: Event) => {
    event.preventDefault()
    if (into.value) board.change(item.id, 'merge', { into: into.value })
  }
  return (
    <div class="tidy">
      <form onSubmit={reword}>
        <label>
          {t('wording')}
          <input type="text" value={text.value} maxLength={120} onInput={(event) => (text.value = event.currentTarget.value)} />
        </label>
        <button type="submit" class="small" disabled={!text.value.trim() || text.value.trim() === item.text}>
          {t('reword')}
        </button>
      </form>
      {others.length > 0 && (
        <form onSubmit={merge}>
          <label>
            {t('mergeInto')}
            <select value={into.value} onChange={(event) => (into.value = event.currentTarget.value)}>
              <option value="">{t('choose')}</option>
              {others.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.text}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="small" disabled={!into.value}>
            {t('merge')}
          </button>
        </form>
      )}
      <p>
        <button type="button" class="small" onClick={() => board.change(item.id, item.pinned ? 'unpin' : 'pin')}>
          <Icon name="pin" />
          {t(item.pinned ? 'unpin' : 'pin')}
        </button>
        <button type="button" class="small grave" onClick={() => board.change(item.id, 'hide')}>
          {t('hide')}
        </button>
      </p>
    </div>
  )
}

/** Questions nobody is shown, to be shown again. */
export function Hidden({ board }: { board: Board }) {
  const hidden = board.operator.value?.hidden ?? []
  if (hidden.length === 0) return null
  return (
    <details class="hidden">
      <summary>{t('hidden', hidden.length)}</summary>
      <ul>
        {hidden.map((each) => (
          <li key={each.id}>
            <span lang={tongue(each.text)}>{each.text}</span>
            <button type="button" class="small" aria-label={`${t('show')} ${each.text}`} onClick={() => board.change(each.id, 'show')}>
              {t('show')}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
