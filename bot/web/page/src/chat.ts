// The conversation as the page shows it: entries, what was said but not yet accepted, and the reply that grows.
import { computed, signal } from '@preact/signals'
import type { LinkState } from './link.ts'
import type { Picture } from './pictures.ts'
import type { Both, End, Entry, OfTurn, PicturePart, ServerFrame, Source, Tool, Welcome } from './wire.ts'

/** Something the user said on this page. */
export interface Mine {
  id: string
  text: string
  pictures: Picture[]
  state: 'sending' | 'sent' | 'failed'
  notice: string
  /** Entry number, 0 until accepted. */
  entry: number
  /** Unix time in seconds. */
  at: number
}

export interface Growing {
  turn: string
  attempt: number
  text: string
  at: number
  /** Numbers of the entries it answers. */
  answers: number[]
  /** What she says it by, as far as it is said. */
  sources: Source[]
  /** Pictures she made for it. */
  pictures: PicturePart[]
  /** What she is about besides, the latest last. */
  tools: (Both & { name: string })[]
}

export type Item = { kind: 'entry'; entry: Entry } | { kind: 'mine'; mine: Mine }

/** Entries the server has not answered yet. */
const OPEN_STATES = new Set(['received', 'claimed'])

export class Chat {
  readonly entries = signal<Entry[]>([])
  readonly mine = signal<Mine[]>([])
  readonly growing = signal<Growing | null>(null)
  readonly welcome = signal<Welcome | null>(null)
  readonly link = signal<LinkState>('connecting')
  readonly more = signal(false)
  readonly loadingOlder = signal(false)
  readonly notice = signal('')
  private readonly ended = new Set<string>()

  /** What the page shows, oldest first. */
  readonly items = computed<Item[]>(() => {
    const known = new Set(this.entries.value.map((entry) => entry.id).filter(Boolean))
    const mine = this.mine.value.filter((each) => !known.has(each.id))
    const all: (Item & { order: number })[] = [
      ...this.entries.value.map((entry) => ({ kind: 'entry' as const, entry, order: entry.entry })),
      ...mine.map((each) => ({ kind: 'mine' as const, mine: each, order: each.entry || Number.MAX_SAFE_INTEGER })),
    ]
    return all.sort((a, b) => a.order - b.order)
  })

  /** She has something to answer and nothing to show yet. */
  readonly waiting = computed(() => {
    if (this.growing.value) return !visible(this.growing.value)
    const last = this.items.value.at(-1)
    if (last?.kind === 'mine') return last.mine.state === 'sent'
    return last?.kind === 'entry' && last.entry.author === 'user' && OPEN_STATES.has(last.entry.state)
  })

  constructor(private readonly now: () => number = () => Date.now() / 1000) {}

  /** Take any frame of the server. */
  take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        return this.begin(frame)
      case 'entry':
        return this.put([frame])
      case 'older':
        this.more.value = frame.more
        this.loadingOlder.value = false
        return this.put(frame.entries)
      case 'accepted':
        return this.change(frame.id, { state: 'sent', entry: frame.entry, notice: '' })
      case 'refused':
        return this.change(frame.id, { state: 'failed', notice: frame.notice })
      case 'rated':
        return this.rate(frame.entry, frame.rating)
      case 'begin':
        this.growing.value = { ...this.sprout(frame), answers: frame.answers }
        return
      case 'words':
        return this.grow(frame, (now) => ({ text: now.text + frame.text }))
      case 'cite':
        return this.grow(frame, (now) => ({ sources: [...now.sources, frame] }))
      case 'picture':
        return this.grow(frame, (now) => ({ pictures: [...now.pictures, frame] }))
      case 'tool':
        return this.grow(frame, (now) => ({ tools: about(now.tools, frame) }))
      case 'end':
        return this.end(frame)
      case 'notice':
        this.notice.value = frame.text
    }
  }

  /** Note something as said. */
  say(id: string, text: string, pictures: Picture[]): void {
    this.mine.value = [...this.mine.value, { id, text, pictures, state: 'sending', notice: '', entry: 0, at: this.now() }]
  }

  fail(id: string, notice: string): void {
    const mine = this.mine.value.find((each) => each.id === id)
    if (mine?.state === 'sending') this.change(id, { state: 'failed', notice })
  }

  drop(id: string): void {
    this.mine.value = this.mine.value.filter((each) => each.id !== id)
  }

  rate(entry: number, rating: number): void {
    this.entries.value = this.entries.value.map((each) => (each.entry === entry ? { ...each, rating } : each))
  }

  clear(): void {
    this.entries.value = []
    this.mine.value = []
    this.growing.value = null
    this.more.value = false
  }

  /** The reply is whole, or there will be none; either way what it answers waits no longer. */
  private end(frame: End): void {
    this.ended.add(frame.turn)
    const answers = this.growing.value?.turn === frame.turn ? this.growing.value.answers : []
    if (this.growing.value?.turn === frame.turn) this.growing.value = null
    this.entries.value = this.entries.value.map((each) => (answers.includes(each.entry) ? { ...each, state: frame.state } : each))
    if (frame.entry) this.put([frame.entry])
  }

  private begin(frame: Welcome): void {
    const before = this.welcome.peek()
    if (before && before.conversation !== frame.conversation) this.clear()
    // After a reconnect the list may already reach further back than the server's page of history.
    if (this.entries.peek().length === 0) this.more.value = frame.more
    // The server goes on after the last piece the page had: what has grown so far stays.
    if (!visible(this.growing.peek())) this.growing.value = null
    this.welcome.value = frame
    this.notice.value = frame.notice
  }

  private put(entries: Entry[]): void {
    if (entries.length === 0) return
    const fresh = new Map(entries.map((entry) => [entry.entry, entry]))
    const kept = this.entries.value.filter((entry) => !fresh.has(entry.entry))
    this.entries.value = [...kept, ...fresh.values()].sort((a, b) => a.entry - b.entry)
    for (const entry of entries) if (entry.author !== 'user' && entry.turn && this.growing.value?.turn === entry.turn) this.growing.value = null
  }

  private grow(frame: OfTurn, by: (now: Growing) => Partial<Growing>): void {
    const now = this.growing.value
    const same = now?.turn === frame.turn && now.attempt === frame.attempt
    if (!same && this.ended.has(frame.turn)) return
    const from = same ? now : this.sprout(frame)
    this.growing.value = { ...from, ...by(from) }
  }

  private sprout({ turn, attempt }: OfTurn): Growing {
    return { turn, attempt, text: '', at: this.now(), answers: [], sources: [], pictures: [], tools: [] }
  }

  private change(id: string, change: Partial<Mine>): void {
    this.mine.value = this.mine.value.map((each) => (each.id === id ? { ...each, ...change } : each))
  }
}

/** Whether a growing reply has something to show. */
export function visible(growing: Growing | null): growing is Growing {
  return growing !== null && (growing.text !== '' || growing.pictures.length > 0)
}

/** What she is about, after a word of a tool. */
function about(tools: Growing['tools'], { name, state, zh, en }: Tool): Growing['tools'] {
  const others = tools.filter((each) => each.name !== name)
  return state === 'running' ? [...others, { name, zh, en }] : others
}
