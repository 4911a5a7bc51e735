// Everything a visitor can do on the page, and the state the views show.
import { computed, effect, signal } from '@preact/signals'
import { Board } from './board.ts'
import { Chat, type Mine } from './chat.ts'
import { count } from './heard.ts'
import { language, t } from './i18n.ts'
import { Link, type LinkState, type Socket, type Store } from './link.ts'
import { plain } from './markdown.ts'
import { Media } from './media.ts'
import { Microphone } from './microphone.ts'
import { MOST, type Picture, prepared } from './pictures.ts'
import { Player } from './player.ts'
import type { Preferences } from './preferences.ts'
import { Speech } from './speech.ts'
import type { Stage } from './stage.ts'
import type { Entry, ServerFrame } from './wire.ts'

/** A message that could not be sent for this long is given back to its author. */
const GIVE_UP_MS = 5_000
const PAGE_OF_HISTORY = 30

export class Visit {
  readonly chat = new Chat()
  readonly player = new Player(() => new AudioContext({ latencyHint: 'interactive' }))
  readonly speech: Speech
  readonly link: Link
  readonly media: Media
  readonly microphone: Microphone
  readonly board = new Board((frame) => this.link.send(frame))
  /** Where she acts; set once her place on the page is there. */
  readonly stage = signal<Stage | null>(null)
  /** The browser keeps sound off until a touch. */
  readonly locked = signal(false)
  /** Turn, or replay, that sounds now; '' in silence. */
  readonly sounding = signal('')
  readonly draft = signal('')
  readonly pictures = signal<Picture[]>([])
  /** A word to the visitor, shown for a while. */
  readonly toast = signal('')
  /** Her last whole reply, for those who listen to the page. */
  readonly announced = signal('')
  readonly composing = signal(false)
  /** The operator is changing her looks. */
  readonly dressing = signal(false)
  /** What is being said with the button held is about to be taken back. */
  readonly dropping = signal(false)
  /** The visitor is typing or speaking. */
  readonly attentive = computed(() => this.composing.value || this.microphone.ear.value === 'speech')
  readonly busy = computed(() => this.sounding.value !== '' || this.chat.growing.value !== null || this.chat.waiting.value)
  readonly limit = computed(() => this.chat.welcome.value?.limits.text ?? 8000)
  /** What a personal link says, until it is taken up by a tap: a preview of the link must not use it up. */
  readonly invitation = signal('')
  private toasting = 0

  constructor(
    store: Store,
    readonly preferences: Preferences,
    open: () => Socket,
  ) {
    this.speech = new Speech(this.player, {
      cue: (name, intensity) => this.stage.peek()?.cue(name, intensity),
      heard: (turn, heard, done) => this.link.send({ type: 'heard', turn, heard, done }),
      changed: () => {
        this.sounding.value = this.speech.turn
      },
    })
    this.link = new Link({
      open,
      store,
      receive: (frame) => this.receive(frame),
      state: (state) => this.linked(state),
      preferences: () => ({ audio: 'mp3', language: language.value, voiced: !preferences.muted.value }),
    })
    this.media = new Media(() => this.link)
    this.microphone = new Microphone({
      send: (frame) => this.link.send(frame),
      hear: (samples, played) => this.link.hear(samples, played),
      played: () => this.player.loud,
      hold: () => this.player.hold(),
      resume: () => this.player.resume(),
      said: () => this.hush(),
      tell: (text) => this.tell(text),
    })
    this.obey()
    for (const message of this.link.unanswered) this.chat.say(message.id, message.text, [])
  }

  /** Say what is in the box; what cannot be said stays there. */
  say(): void {
    const text = this.draft.value.trim()
    const pictures = this.pictures.value
    const length = count(text)
    if (length > this.limit.value) return this.tell(t('long', this.limit.value, length))
    if (!text && pictures.length === 0) return
    this.draft.value = ''
    this.pictures.value = []
    this.send(text, pictures)
  }

  /** Say a text that somebody chose instead of writing; what is in the box stays there. */
  ask(text: string): void {
    if (text.trim()) this.send(text.trim(), [])
  }

  /** Say something again that was refused or never arrived. */
  resend(mine: Mine): void {
    this.chat.drop(mine.id)
    this.send(mine.text, mine.pictures)
  }

  /** Silence, at once. */
  stop(): void {
    const growing = this.chat.growing.value
    const waiting = this.chat.waiting.value
    const { turn, heard } = this.speech.stop()
    if (turn || growing || waiting) this.link.send({ type: 'stop', turn: turn || (growing?.turn ?? ''), heard })
  }

  /** Play a stored reply, or stop it when it is playing. */
  async replay(entry: Entry): Promise<void> {
    if (this.sounds(entry)) return this.stop()
    this.stop()
    await this.unlock()
    try {
      await this.speech.replay(entry, (media) => this.media.bytes(media))
    } catch {
      this.tell(t('noSound'))
    }
  }

  /** Whether this reply is what sounds now. */
  sounds(entry: { turn: string; entry?: number }): boolean {
    const now = this.sounding.value
    return now !== '' && (now === entry.turn || (entry.entry !== undefined && now.startsWith(`replay ${entry.entry} `)))
  }

  rate(entry: Entry, rating: number): void {
    const value = entry.rating === rating ? 0 : rating
    if (this.link.send({ type: 'rate', entry: entry.entry, rating: value })) this.chat.rate(entry.entry, value)
  }

  /** Ask for earlier messages, once at a time. */
  older(): void {
    const first = this.chat.entries.value[0]
    if (!first || !this.chat.more.value || this.chat.loadingOlder.value) return
    this.chat.loadingOlder.value = this.link.send({ type: 'older', before: first.entry, limit: PAGE_OF_HISTORY })
  }

  /** Come in by the personal link; true when it was still good. */
  async meet(fetcher: typeof fetch = fetch): Promise<boolean> {
    const code = this.invitation.value
    this.invitation.value = ''
    let guest: { visitor?: string; conversation?: string } = {}
    try {
      const body = JSON.stringify({ code, visitor: this.link.visitor })
      const answer = await fetcher('/meet', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      if (answer.ok) guest = await answer.json()
    } catch {
      this.tell(t('offline'))
    }
    if (guest.visitor && guest.conversation) {
      this.chat.clear()
      this.link.enter(guest.visitor, guest.conversation)
    } else if (!this.toast.value) this.tell(t('voidLink'))
    this.link.connect()
    return Boolean(guest.visitor)
  }

  /** Begin a new conversation. */
  fresh(): void {
    this.stop()
    this.link.send({ type: 'new' })
  }

  /** Have everything deleted that is kept of this visitor. */
  forget(): void {
    this.speech.stop()
    if (!this.link.send({ type: 'forget' })) this.tell(t('offline'))
  }

  /** Take pictures into the box. */
  async add(files: Iterable<Blob>): Promise<void> {
    for (const file of [...files].filter((each) => each.type.startsWith('image/'))) {
      if (this.pictures.value.length >= MOST) return this.tell(t('manyPictures'))
      try {
        const picture = await prepared(file, unique())
        this.pictures.value = [...this.pictures.value, picture]
      } catch {
        this.tell(t('badPicture'))
      }
    }
  }

  remove(picture: Picture): void {
    URL.revokeObjectURL(picture.url)
    this.pictures.value = this.pictures.value.filter((each) => each !== picture)
  }

  /** Wake the sound; call from a touch or a key. */
  async unlock(): Promise<void> {
    await this.player.unlock()
    this.locked.value = this.player.locked
  }

  /** Learn whether sound is allowed without a touch, and keep knowing it. */
  listen(): void {
    const context = this.player.open()
    const learn = () => {
      this.locked.value = this.player.locked
    }
    context.addEventListener('statechange', learn)
    learn()
  }

  /** A word to the visitor. */
  tell(text: string): void {
    clearTimeout(this.toasting)
    this.toast.value = text
    this.toasting = setTimeout(() => {
      this.toast.value = ''
    }, 5000) as unknown as number
  }

  private send(text: string, pictures: Picture[]): void {
    const id = unique()
    this.hush()
    this.chat.say(id, text, pictures)
    this.link.say({ id, text, uploads: pictures })
    this.link.connect()
    setTimeout(() => this.giveUp(id), GIVE_UP_MS)
  }

  /** She is interrupted: what was heard of her up to here is told. */
  private hush(): void {
    const turn = this.speech.turn
    const { heard } = this.speech.stop()
    if (turn && !turn.startsWith('replay')) this.link.send({ type: 'stop', turn, heard })
  }

  private giveUp(id: string): void {
    if (this.link.unanswered.every((each) => each.id !== id)) return
    if (this.chat.link.value === 'open') {
      setTimeout(() => this.giveUp(id), GIVE_UP_MS)
      return
    }
    this.link.unsay(id)
    this.chat.fail(id, t('offline'))
  }

  private receive(frame: ServerFrame): void {
    if (frame.type === 'refused' && (frame.reason === 'long' || frame.reason === 'blank')) this.giveBack(frame.id, frame.notice)
    this.chat.take(frame)
    this.board.take(frame)
    switch (frame.type) {
      case 'welcome':
        void this.stage.peek()?.dress(frame.avatar)
        this.microphone.again()
        break
      case 'hearing':
        this.microphone.take(frame)
        break
      case 'uploaded':
        if (!frame.ok) this.tell(frame.notice || t('badPicture'))
        break
      case 'forgotten':
        this.forgotten()
        break
      case 'held':
        if (!frame.on) this.player.resume()
        break
      case 'begin':
      case 'words':
      case 'line':
      case 'cue':
      case 'word':
      case 'visemes':
      case 'spoken':
      case 'sound':
        this.speech.take(frame)
        break
      case 'end':
        this.speech.take(frame)
        if (frame.entry) this.announced.value = plain(said(frame.entry))
    }
  }

  /** A refused text goes back into the box, unless something else is there by now. */
  private giveBack(id: string, notice: string): void {
    const mine = this.chat.mine.value.find((each) => each.id === id)
    if (!mine || this.draft.value) return
    this.tell(notice || t('failed'))
    this.chat.drop(id)
    this.draft.value = mine.text
  }

  private forgotten(): void {
    this.link.reset()
    this.media.clear()
    this.chat.clear()
    this.draft.value = ''
    this.tell(t('forgotten'))
  }

  private linked(state: LinkState): void {
    this.chat.link.value = state
    if (state !== 'open') this.chat.loadingOlder.value = false
  }

  /** Let player and stage follow what the visitor chose and what goes on. */
  private obey(): void {
    const { volume, speed, muted } = this.preferences
    effect(() => this.player.volume(volume.value))
    effect(() => this.player.speed(speed.value))
    effect(() => {
      this.player.mute(muted.value)
      this.link.send({ type: 'voiced', on: !muted.value })
    })
    effect(() => {
      const stage = this.stage.value
      if (stage) stage.mood = this.attentive.value ? 'listening' : this.chat.waiting.value ? 'thinking' : 'idle'
    })
  }
}

/** An entry's text. */
export function said(entry: Entry): string {
  const words = entry.parts.map((part) => (part.type === 'text' ? part.text : part.type === 'voice' ? part.transcript : ''))
  return words.filter(Boolean).join('\n').trim()
}

/** An id no one else will make; unlike randomUUID it is there on plain http as well. */
function unique(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
