// What people ask, as a sheet: a tap asks it too. The operator tidies it here, and teaches her what she could not answer.
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { FIRST } from '../board.ts'
import { several, t, tongue } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import type { Asked } from '../wire.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icons.tsx'
import { Lessons, Writer } from './lessons.tsx'
import { Hidden, Tidy } from './tidy.tsx'

/** Whether there is a board to show. */
export function offered(visit: Visit): boolean {
  return visit.board.items.value.length > 0 || visit.board.operator.value !== null
}

/** Ways to begin: what people ask, and where that is little, what she proposes, or what anybody may ask. */
export function starters(visit: Visit): string[] {
  const hot = visit.board.items.value.slice(0, FIRST).map((each) => each.text)
  const hers = several(visit.chat.welcome.value?.persona.starters)
  const all = new Set([...hot, ...(hers.length > 0 ? hers : t('starters').split('|'))])
  return [...all].slice(0, hot.length > 0 ? FIRST : Math.max(FIRST, hers.length))
}

export function Board({ visit }: { visit: Visit }) {
  const { board } = visit
  const { writing, operator, notice } = board
  const learning = useSignal(writing.value !== null)
  const close = () => {
    board.open.value = false
    if (!notice.value?.bad) notice.value = null
  }
  const body = !operator.value ? <Questions visit={visit} close={close} /> : writing.value ? <Writer board={board} writing={writing.value} /> : <Tabs visit={visit} learning={learning} close={close} />
  const name = t(!operator.value ? 'board' : writing.value ? 'writeFaq' : 'boardOperator')
  return (
    <Dialog class="board" label={t('board')} close={close}>
      <div class="sheet">
        <header>
          {operator.value && writing.value ? (
            <button type="button" class="round flat" aria-label={t('back')} title={t('back')} onClick={() => board.leave()}>
              <Icon name="back" />
            </button>
          ) : (
            <Icon name="ask" />
          )}
          <h2>{name}</h2>
          <button type="button" class="round flat" aria-label={t('close')} title={`${t('close')} (Esc)`} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <p class={notice.value?.bad ? 'word bad' : 'word'} role="status">
          {notice.value?.text}
        </p>
        {body}
      </div>
    </Dialog>
  )
}

/** What the operator sees: the board, and beside it what she could not answer. */
function Tabs({ visit, learning, close }: { visit: Visit; learning: { value: boolean }; close: () => void }) {
  const list = useRef<HTMLDivElement>(null)
  const open = visit.board.operator.value?.unanswered.length ?? 0
  const turn = (event: KeyboardEvent) => {
    if (!['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) return
    event.preventDefault()
    learning.value = event.key === 'End' || (event.key !== 'Home' && !learning.value)
    list.current?.querySelectorAll('button')[learning.value ? 1 : 0]?.focus()
  }
  const tab = (name: 'board' | 'unanswered', chosen: boolean, choose: () => void) => (
    <button type="button" role="tab" id={`tab-${name}`} aria-selected={chosen} aria-controls="board-body" tabIndex={chosen ? 0 : -1} onClick={choose}>
      {t(name)}
      {name === 'unanswered' && open > 0 && <b>{open}</b>}
    </button>
  )
  return (
    <>
      <div class="tabs" role="tablist" ref={list} onKeyDown={turn}>
        {tab('board', !learning.value, () => (learning.value = false))}
        {tab('unanswered', learning.value, () => (learning.value = true))}
      </div>
      <div class="body" id="board-body" role="tabpanel" aria-labelledby={learning.value ? 'tab-unanswered' : 'tab-board'}>
        {learning.value ? (
          <Lessons board={visit.board} />
        ) : (
          <>
            <Questions visit={visit} close={close} />
            <Hidden board={visit.board} />
          </>
        )}
      </div>
    </>
  )
}

function Questions({ visit, close }: { visit: Visit; close: () => void }) {
  const items = visit.board.items.value
  if (items.length === 0) return <p class="nothing">{t('boardEmpty')}</p>
  return (
    <ol class="questions">
      {items.map((item, at) => (
        <Question key={item.id} visit={visit} item={item} rank={at + 1} close={close} />
      ))}
    </ol>
  )
}

function Question({ visit, item, rank, close }: { visit: Visit; item: Asked; rank: number; close: () => void }) {
  const tidying = useSignal(false)
  const ask = () => {
    close()
    visit.ask(item.text)
  }
  return (
    <li>
      <div class="question">
        <button type="button" onClick={ask}>
          {item.pinned ? (
            <i class="top" role="img" aria-label={t('pinned')} title={t('pinned')}>
              <Icon name="pin" />
            </i>
          ) : (
            <i class={rank <= 3 ? 'top' : ''} aria-hidden="true">
              {rank}
            </i>
          )}
          <span>
            <span lang={tongue(item.text)}>{item.text}</span>
            {item.count > 0 && <small>{t('asked', item.count)}</small>}
          </span>
        </button>
        {visit.board.operator.value && (
          <button type="button" class="round flat" aria-expanded={tidying.value} aria-label={t('edit', item.text)} title={t('edit', item.text)} onClick={() => (tidying.value = !tidying.value)}>
            <Icon name="more" />
          </button>
        )}
      </div>
      {tidying.value && <Tidy board={visit.board} item={item} done={() => (tidying.value = false)} />}
    </li>
  )
}
