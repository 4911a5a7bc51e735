// What was said, oldest first: it grows below, reaches back above, and keeps its place.
import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { FIRST } from '../board.ts'
import { type Growing, type Item, visible } from '../chat.ts'
import { both, moment, t, tongue } from '../i18n.ts'
import { display } from '../sources.ts'
import { said, type Visit } from '../visit.ts'
import { starters } from './board.tsx'
import { Reply, Said, Typing } from './bubbles.tsx'
import { Icon } from './icons.tsx'
import type { Enlarge } from './photos.tsx'

/** A quiet time as long as this gets a time of day above what follows. */
const PAUSE_S = 300
const NEAR_PX = 80

/** What a row shows; a reply that grows is a row already. */
type Shown = Item | { kind: 'growing'; growing: Growing }

interface Place {
  top: number
  height: number
  first: number
}

export function Conversation({ visit, enlarge }: { visit: Visit; enlarge: Enlarge }) {
  const { chat } = visit
  const log = useRef<HTMLDivElement>(null)
  const place = useRef<Place>({ top: 0, height: 0, first: 0 })
  const drawn = useRef(new WeakMap<object, VNode<RowProps>>())
  const following = useSignal(true)
  const unread = useSignal(false)
  const items = chat.items.value
  const growing = chat.growing.value
  const first = chat.entries.value[0]?.entry ?? 0
  const last = items.at(-1)
  const end = last ? key(last) : ''
  const rows: Shown[] = visible(growing) ? [...items, { kind: 'growing', growing }] : items

  // A row that shows the same thing is the same node, which Preact leaves alone: words come often, and a day's talk is long.
  const row = (item: Shown, paused: boolean) => {
    const what = item.kind === 'entry' ? item.entry : item.kind === 'mine' ? item.mine : item.growing
    const known = drawn.current.get(what)
    if (known?.props.paused === paused) return known
    const node = <Row key={key(item)} item={item} paused={paused} visit={visit} enlarge={enlarge} />
    drawn.current.set(what, node)
    return node
  }
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = log.current!
    const up = scrollTop < place.current.top - 1
    place.current = { top: scrollTop, height: scrollHeight, first }
    // What grows below moves the end away as well: only who scrolls up leaves it.
    following.value = scrollHeight - scrollTop - clientHeight < NEAR_PX || (following.value && !up)
    if (following.value) unread.value = false
    if (scrollTop < NEAR_PX && scrollHeight > clientHeight) visit.older()
  }
  const descend = (behavior: ScrollBehavior = 'smooth') => log.current!.scrollTo({ top: log.current!.scrollHeight, behavior })

  useLayoutEffect(() => {
    const area = log.current!
    const before = place.current
    if (following.value) area.scrollTop = area.scrollHeight
    else if (before.first && first && first < before.first) area.scrollTop = before.top + area.scrollHeight - before.height
    place.current = { top: area.scrollTop, height: area.scrollHeight, first }
  })
  useEffect(() => {
    const area = log.current!
    const resized = new ResizeObserver(() => following.value && (area.scrollTop = area.scrollHeight))
    resized.observe(area)
    resized.observe(area.firstElementChild!)
    return () => resized.disconnect()
  }, [])
  useEffect(() => {
    if (last?.kind === 'mine') {
      following.value = true
      descend('auto')
    } else if (!following.value) unread.value = true
  }, [end])

  return (
    <div class="scroller">
      <div class="log" ref={log} tabIndex={0} role="region" aria-label={t('log')} onScroll={scrolled}>
        <div class="said">
          {chat.more.value && (
            <button type="button" class="earlier" disabled={chat.loadingOlder.value} onClick={() => visit.older()}>
              {t('older')}
            </button>
          )}
          <Welcome visit={visit} empty={items.length === 0} />
          {rows.map((item, at) => row(item, !rows[at - 1] || time(item) - time(rows[at - 1]!) > PAUSE_S))}
          {chat.waiting.value && <Typing visit={visit} growing={growing} />}
        </div>
      </div>
      {!following.value && (
        <button type="button" class="below" onClick={() => descend()}>
          <Icon name="down" />
          {t(unread.value ? 'below' : 'bottom')}
        </button>
      )}
    </div>
  )
}

/** Her greeting, and ways to begin while nothing was said. */
function Welcome({ visit, empty }: { visit: Visit; empty: boolean }) {
  const welcome = visit.chat.welcome.value
  const greeting = both(welcome?.persona.greeting)
  if (!welcome || visit.chat.more.value) return null
  const { items } = visit.board
  return (
    <>
      {greeting && <Reply visit={visit} text={greeting} turn="" plain />}
      {empty && (
        <div class="starters">
          <p>
            {t(items.value.length > 0 ? 'boardAsk' : 'hint')}
            {items.value.length > FIRST && (
              <button type="button" class="all" aria-haspopup="dialog" onClick={() => (visit.board.open.value = true)}>
                {t('all')}
              </button>
            )}
          </p>
          {starters(visit).map((text) => (
            <button key={text} type="button" lang={tongue(text)} onClick={() => visit.ask(text)}>
              {text}
            </button>
          ))}
        </div>
      )}
    </>
  )
}

interface RowProps {
  item: Shown
  /** A quiet time came before. */
  paused: boolean
  visit: Visit
  enlarge: Enlarge
}

function Row({ item, paused, visit, enlarge }: RowProps) {
  return (
    <>
      {paused && <p class="time">{moment(time(item), Date.now() / 1000)}</p>}
      {item.kind === 'mine' ? (
        <Said visit={visit} text={item.mine.text} previews={item.mine.pictures.map((each) => each.url)} mine={item.mine} enlarge={enlarge} />
      ) : item.kind === 'growing' ? (
        <Reply visit={visit} text={item.growing.text} turn={item.growing.turn} growing={item.growing} enlarge={enlarge} />
      ) : item.entry.author === 'user' ? (
        <Said visit={visit} text={said(item.entry)} parts={item.entry.parts} enlarge={enlarge} />
      ) : (
        <Reply visit={visit} text={display(item.entry)} turn={item.entry.turn} entry={item.entry} enlarge={enlarge} />
      )}
    </>
  )
}

function time(item: Shown): number {
  return item.kind === 'entry' ? item.entry.at : item.kind === 'mine' ? item.mine.at : item.growing.at
}

/** A reply keeps its key from its first word on, and what one said from its sending on: nothing is drawn anew. */
function key(item: Shown): string {
  if (item.kind === 'mine') return `said ${item.mine.id}`
  if (item.kind === 'growing') return `turn ${item.growing.turn}`
  const { entry } = item
  if (entry.author === 'user') return entry.id ? `said ${entry.id}` : `entry ${entry.entry}`
  return entry.turn ? `turn ${entry.turn}` : `entry ${entry.entry}`
}
