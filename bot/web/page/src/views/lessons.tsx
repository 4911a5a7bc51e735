// What she could not answer, and the form in which the operator teaches it to her.
import { useEffect, useRef } from 'preact/hooks'
import type { Board, Writing } from '../board.ts'
import { t, tongue } from '../i18n.ts'
import { Icon } from './icons.tsx'

export function Lessons({ board }: { board: Board }) {
  const unanswered = board.operator.value?.unanswered ?? []
  if (unanswered.length === 0) return <p class="nothing">{t('unansweredEmpty')}</p>
  return (
    <ul class="lessons">
      {unanswered.map((each) => (
        <li key={each.id}>
          <p lang={tongue(each.text)}>{each.text}</p>
          <small>
            {t('people', each.users, each.asked)}
            {each.draft && <em>{t('drafted')}</em>}
          </small>
          <button type="button" class="small" aria-label={`${t('writeFaq')} ${each.text}`} onClick={() => board.write(each)}>
            <Icon name="pen" />
            {t('writeFaq')}
          </button>
        </li>
      ))}
    </ul>
  )
}

export function Writer({ board, writing }: { board: Board; writing: Writing }) {
  const busy = board.busy.value
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    // A touch screen's keyboard would cover what there is to read first.
    const typing = matchMedia('(pointer: fine)').matches && form.current?.querySelector('textarea')
    ;(typing || form.current)?.focus()
  }, [writing.id])
  const change = (part: Partial<Writing>) => (board.writing.value = { ...writing, ...part })
  const save = (event: Event) => {
    event.preventDefault()
    board.save()
  }
  return (
    <form class="writer" ref={form} tabIndex={-1} onSubmit={save}>
      <div class="body">
        <label>
          {t('question')}
          <textarea rows={2} required maxLength={200} value={writing.q} onInput={(event) => change({ q: event.currentTarget.value.replace(/\s*\n\s*/g, ' ') })} />
        </label>
        <label>
          <span>
            {t('also')} <small>{t('alsoHint')}</small>
          </span>
          <textarea rows={3} value={writing.also} onInput={(event) => change({ also: event.currentTarget.value })} />
        </label>
        <p class="help">
          <button type="button" class="small" disabled={busy !== ''} onClick={() => board.draft()}>
            {busy === 'draft' ? <i class="sending" /> : <Icon name="spark" />}
            {t(busy === 'draft' ? 'drafting' : 'draftIt')}
          </button>
          {board.before.value && (
            <button type="button" class="small" onClick={() => board.undraft()}>
              {t('undraft')}
            </button>
          )}
        </p>
        <label>
          <span>
            {t('answer')} <small>{t('answerHint')}</small>
          </span>
          <textarea rows={5} required value={writing.a} onInput={(event) => change({ a: event.currentTarget.value })} />
        </label>
      </div>
      <button type="submit" class="pill" disabled={busy !== '' || !writing.q.trim() || !writing.a.trim()}>
        {t(busy === 'save' ? 'faqSaving' : 'faqSave')}
      </button>
    </form>
  )
}
