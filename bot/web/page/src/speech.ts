// What she says aloud: lines with their sound, mouth, words and cues on the player's timeline, live or replayed.
import { count, heardIn, type SpokenLine, timeOf, type WordAt } from './heard.ts'
import type { Player } from './player.ts'
import { type Mix, MouthTrack } from './track.ts'
import { type CueAt, type Entry, floats, type Line, type Sound, type TurnFrame } from './wire.ts'

/** A line on the timeline. */
interface Placed extends SpokenLine {
  turn: string
  number: number
  /** Seconds on the timeline; null until its first sound is there. */
  base: number | null
  mouth: MouthTrack
  complete: boolean
}

interface PendingCue extends CueAt {
  turn: string
  fired: boolean
}

interface Turn {
  id: string
  attempt: number
  voiced: boolean
  replay: boolean
  ended: boolean
  shown: number
}

export interface Hooks {
  cue(name: string, intensity: number): void
  heard(turn: string, heard: number, done: boolean): void
  /** The turn whose sound began or ended changed. */
  changed(): void
}

const HEARD_EVERY_MS = 500
/** A cue without sound waits for no clock. */
const PAST_S = 20

export class Speech {
  private lines: Placed[] = []
  private cues: PendingCue[] = []
  private turns = new Map<string, Turn>()
  private stopped = new Set<string>()
  /** Sounds in order: decoding takes time, and what comes later must wait for it. */
  private chain: Promise<void> = Promise.resolve()
  private era = 0
  private reported = { turn: '', heard: -1, at: 0 }

  constructor(
    private readonly player: Player,
    private readonly hooks: Hooks,
    private readonly now: () => number = () => performance.now(),
  ) {
    player.onIdle = () => this.idle()
  }

  /** The turn being heard now, or ''. */
  get turn(): string {
    return this.current()?.turn ?? ''
  }

  /** Take a frame of a live turn. */
  take(frame: TurnFrame): void {
    if (this.stopped.has(frame.turn)) return
    if (frame.type === 'begin') return this.begin(frame.turn, frame.attempt, frame.voiced)
    const turn = this.turns.get(frame.turn) ?? this.begun(frame.turn, frame.attempt)
    if (turn.replay) return
    switch (frame.type) {
      case 'words':
        turn.shown += count(frame.text)
        if (!this.audible(turn)) this.tell(turn.id, turn.shown, false)
        break
      case 'line':
        this.lineBegins(frame)
        break
      case 'sound':
        this.sound(frame)
        break
      case 'visemes':
        this.of(frame.turn, frame.line)?.mouth.replace(frame.start, frame.visemes)
        break
      case 'word':
        this.of(frame.turn, frame.line)?.words.push({ at: frame.at, length: count(frame.text), start: frame.start, duration: frame.duration })
        break
      case 'cue':
        this.cue({ name: frame.name, intensity: frame.intensity, at: frame.at, turn: frame.turn, fired: false }, turn)
        break
      case 'spoken':
        this.spoken(frame.turn, frame.line, frame.seconds)
        break
      case 'end':
        turn.ended = true
        this.later(() => this.finish(turn))
        break
    }
  }

  /** Play a stored reply again; `fetch` brings the sound of an utterance. */
  async replay(entry: Entry, fetch: (media: string) => Promise<Uint8Array>): Promise<void> {
    this.stop()
    const id = `replay ${entry.entry} ${this.era}`
    const era = this.era
    const turn: Turn = { id, attempt: 0, voiced: true, replay: true, ended: false, shown: 0 }
    this.turns.set(id, turn)
    this.cues.push(...entry.cues.map((cue) => ({ ...cue, turn: id, fired: false })))
    const sounds = entry.utterances.map((each) => (each.media ? fetch(each.media) : null))
    for (const sound of sounds) sound?.catch(() => undefined)
    try {
      for (const [number, utterance] of entry.utterances.entries()) {
        const bytes = await sounds[number]
        if (era !== this.era) return
        if (!bytes) continue
        const buffer = await this.player.decoded(bytes, 0, 0, 24000)
        if (era !== this.era) return
        const mouth = new MouthTrack()
        mouth.replace(0, utterance.visemes)
        const words: WordAt[] = []
        const base = this.player.append(buffer)
        this.lines.push({ turn: id, number, text: utterance.text, start: utterance.start, words, seconds: buffer.duration, base, mouth, complete: true })
        this.hooks.changed()
      }
    } finally {
      turn.ended = true
      this.finish(turn)
    }
  }

  /** Fade out at once and drop what is left; gives the turn that was speaking and how far it was heard. */
  stop(): { turn: string; heard: number } {
    const turn = [...this.turns.values()].findLast((each) => !each.replay && (!each.ended || this.current()?.turn === each.id))
    const heard = turn ? this.heard(turn.id) : 0
    this.era++
    for (const each of this.turns.keys()) this.stopped.add(each)
    this.lines = []
    this.cues = []
    this.turns.clear()
    this.player.stop()
    this.hooks.changed()
    return { turn: turn?.id ?? '', heard }
  }

  /** Display characters of a turn that were heard, or shown where nothing sounds. */
  heard(id: string): number {
    const turn = this.turns.get(id)
    if (!turn) return 0
    if (!this.audible(turn)) return turn.shown
    const position = this.player.heardPosition
    let heard = 0
    for (const line of this.lines) if (line.turn === id && line.base !== null && line.base <= position) heard = heardIn(line, (position - line.base) * 1000)
    return heard
  }

  /** The mix of mouth shapes at the moment the ear hears. */
  mouth(): Mix {
    if (!this.player.playing || this.player.holding) return {}
    const line = this.current()
    return line ? line.mouth.at((this.player.heardPosition - line.base!) * 1000) : {}
  }

  /** The mouth's track being heard, and where in it the ear is; null in silence. */
  get sounding(): { track: MouthTrack; ms: number } | null {
    const line = this.player.holding ? null : this.current()
    return line && { track: line.mouth, ms: (this.player.heardPosition - line.base!) * 1000 }
  }

  /** The line being heard: its number and text; null in silence. */
  get line(): { number: number; text: string } | null {
    const line = this.current()
    return line && { number: line.number, text: line.text }
  }

  /** Fire what is due; call once a frame. */
  tick(): void {
    const position = this.player.heardPosition
    for (const cue of this.cues) {
      if (cue.fired) continue
      const line = this.lineOf(cue)
      if (line?.base == null || position < line.base + timeOf(line, cue.at) / 1000) continue
      cue.fired = true
      this.hooks.cue(cue.name, cue.intensity)
    }
    this.cues = this.cues.filter((cue) => !cue.fired)
    const turn = this.turns.get(this.current()?.turn ?? '')
    if (turn && !turn.replay && this.player.playing) this.tell(turn.id, this.heard(turn.id), false)
    this.lines = this.lines.filter((line) => line.base === null || line.base + line.seconds > position - PAST_S)
  }

  private begin(id: string, attempt: number, voiced: boolean): void {
    const known = this.turns.get(id)
    if (known && known.attempt < attempt) {
      this.stop()
      this.stopped.delete(id)
    }
    this.turns.set(id, { id, attempt, voiced, replay: false, ended: false, shown: 0 })
    if (this.turns.size > 8) this.turns.delete(this.turns.keys().next().value!)
  }

  private begun(id: string, attempt: number): Turn {
    const turn: Turn = { id, attempt, voiced: true, replay: false, ended: false, shown: 0 }
    this.turns.set(id, turn)
    return turn
  }

  private lineBegins(frame: Line): void {
    const { turn, line: number, text, start } = frame
    this.lines.push({ turn, number, text, start, words: [], seconds: 0, base: null, mouth: new MouthTrack(), complete: false })
  }

  private sound(frame: Sound): void {
    const era = this.era
    const ready = frame.codec === 'mp3' ? this.player.decoded(frame.bytes, frame.skip, frame.samples, frame.rate) : null
    ready?.catch(() => undefined)
    const place = (buffer: AudioBuffer) => {
      const line = this.of(frame.turn, frame.line)
      if (era !== this.era || !line) return
      const at = this.player.append(buffer)
      line.base ??= at - frame.start / 1000
      line.seconds = Math.max(line.seconds, at + buffer.duration - line.base)
      this.hooks.changed()
    }
    this.later(async () => {
      if (!ready) return place(this.player.buffer(floats(frame.bytes), frame.rate))
      const buffer = await ready.catch(() => null)
      if (buffer) place(buffer)
    })
  }

  private spoken(turn: string, number: number, seconds: number): void {
    this.later(() => {
      const line = this.of(turn, number)
      if (!line) return
      line.complete = true
      line.seconds = Math.max(line.seconds, line.base === null ? 0 : seconds)
    })
  }

  private cue(cue: PendingCue, turn: Turn): void {
    if (turn.voiced && !this.player.locked) this.cues.push(cue)
    else this.hooks.cue(cue.name, cue.intensity)
  }

  /** Do this after all sound before it has its place. */
  private later(run: () => void | Promise<void>): void {
    this.chain = this.chain.then(run, run)
  }

  private finish(turn: Turn): void {
    if (this.audible(turn) && this.player.playing) return
    this.leave(turn)
  }

  private idle(): void {
    for (const turn of [...this.turns.values()]) if (turn.ended) this.leave(turn)
    this.hooks.changed()
  }

  /** A turn is over: cues that never found their moment happen now, and what was heard is told. */
  private leave(turn: Turn): void {
    if (!this.turns.has(turn.id)) return
    for (const cue of this.cues) if (cue.turn === turn.id) this.hooks.cue(cue.name, cue.intensity)
    this.cues = this.cues.filter((cue) => cue.turn !== turn.id)
    if (!turn.replay) this.tell(turn.id, turn.shown, true)
    this.turns.delete(turn.id)
    this.lines = this.lines.filter((line) => line.turn !== turn.id)
    this.hooks.changed()
  }

  private tell(turn: string, heard: number, done: boolean): void {
    const last = this.reported
    if (!done && last.turn === turn && (this.now() - last.at < HEARD_EVERY_MS || heard === last.heard)) return
    this.reported = { turn, heard, at: this.now() }
    this.hooks.heard(turn, heard, done)
  }

  private audible(turn: Turn): boolean {
    return !this.player.locked && this.lines.some((line) => line.turn === turn.id && line.base !== null)
  }

  private current(): Placed | null {
    if (!this.player.playing) return null
    const position = this.player.heardPosition
    let current: Placed | null = null
    for (const line of this.lines) if (line.base !== null && line.base <= position + 0.05) current = line
    return current
  }

  private of(turn: string, number: number): Placed | undefined {
    return this.lines.find((line) => line.turn === turn && line.number === number)
  }

  private lineOf(cue: PendingCue): Placed | undefined {
    const lines = this.lines.filter((line) => line.turn === cue.turn)
    return lines.findLast((line) => line.start <= cue.at) ?? lines[0]
  }
}
