// The connection to the server: introduces the page, comes back after a break where it left off, repeats what was not answered.
import { type Cursor, ofTurn, type PageFrame, packed, read, type ServerFrame, type TurnFrame } from './wire.ts'

export type LinkState = 'connecting' | 'open' | 'waiting' | 'denied' | 'gone'

/** The little of a WebSocket the link needs, so that tests can bring their own. */
export interface Socket {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  onerror: ((event: Event) => void) | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number): void
}

export interface Upload {
  id: string
  mime: string
  bytes: Uint8Array
}

export interface Unanswered {
  id: string
  text: string
  uploads: Upload[]
}

export interface Store {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface LinkParts {
  open(): Socket
  store: Store
  receive(frame: ServerFrame): void
  state(state: LinkState): void
  preferences(): { audio: 'pcm' | 'mp3'; language: 'zh' | 'en'; voiced: boolean }
  later?(run: () => void, ms: number): unknown
  never?(timer: unknown): void
  random?(): number
}

const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 15_000
const PING_MS = 25_000
/** Nothing at all for this long after a ping: the connection is dead, whatever the browser thinks. */
const SILENCE_MS = 12_000
const NO_ACCESS = 4401
const NOT_YOURS = 4404
const OPEN = 1

export class Link {
  visitor: string
  conversation: string
  private socket: Socket | null = null
  private cursor: Cursor = { entry: 0, turn: '', attempt: 0, piece: -1 }
  /** Pieces of the running attempt the page has had. */
  private had = new Set<number>()
  private safe = -1
  private openLines = new Set<number>()
  private outbox: Unanswered[]
  private uploaded = new Set<string>()
  private failures = 0
  private timer: unknown
  private pulse: unknown
  private welcomed = false
  private readonly later: (run: () => void, ms: number) => unknown
  private readonly never: (timer: unknown) => void
  private readonly random: () => number

  constructor(private readonly parts: LinkParts) {
    this.later = parts.later ?? ((run, ms) => setTimeout(run, ms))
    this.never = parts.never ?? ((timer) => clearTimeout(timer as number))
    this.random = parts.random ?? Math.random
    this.visitor = parts.store.getItem('visitor') ?? ''
    this.conversation = parts.store.getItem('conversation') ?? ''
    this.outbox = stored(parts.store.getItem('outbox'))
  }

  /** What the page said and the server has not answered yet. */
  get unanswered(): readonly Unanswered[] {
    return this.outbox
  }

  /** Connect now; also called when the network comes back. */
  connect(): void {
    this.never(this.timer)
    if (this.socket) return
    this.parts.state('connecting')
    const socket = this.parts.open()
    this.socket = socket
    this.welcomed = false
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => this.hello()
    socket.onmessage = (event) => this.socket === socket && this.take(event.data)
    socket.onerror = () => undefined
    socket.onclose = (event) => this.socket === socket && this.closed(event.code)
  }

  /** Send a frame if the connection stands; false when it does not. */
  /** Send the microphone's samples. */
  hear(samples: ArrayBuffer, played: number): void {
    if (this.welcomed && this.socket?.readyState === OPEN) this.socket.send(packed({ type: 'hear', played: Math.round(played * 1000) / 1000 }, new Uint8Array(samples)))
  }

  send(frame: PageFrame): boolean {
    if (!this.welcomed || this.socket?.readyState !== OPEN) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  /** Say something; it is repeated after a break until the server accepts or refuses it. */
  say(message: Unanswered): void {
    this.outbox.push(message)
    this.keep()
    this.repeat(message)
  }

  /** Take back something unanswered. */
  unsay(id: string): void {
    this.outbox = this.outbox.filter((message) => message.id !== id)
    this.keep()
  }

  /** Be the guest that a personal link made us. */
  enter(visitor: string, conversation: string): void {
    this.reset()
    this.visitor = visitor
    this.conversation = conversation
    this.parts.store.setItem('visitor', visitor)
    this.parts.store.setItem('conversation', conversation)
  }

  /** Forget who we are: the next connection is a new visitor's. */
  reset(): void {
    for (const key of ['visitor', 'conversation', 'outbox']) this.parts.store.removeItem(key)
    this.visitor = this.conversation = ''
    this.outbox = []
    this.clearCursor()
  }

  private hello(): void {
    const { visitor, conversation } = this
    const cursor = { ...this.cursor, piece: this.safe }
    this.socket?.send(JSON.stringify({ type: 'hello', visitor, conversation, cursor, ...this.parts.preferences() } satisfies PageFrame))
  }

  private take(data: unknown): void {
    const frame = read(data)
    this.beat()
    if (!frame || (ofTurn(frame) && !this.fresh(frame))) return
    if (frame.type === 'welcome') this.welcome(frame)
    else if (frame.type === 'entry') this.cursor.entry = Math.max(this.cursor.entry, frame.entry)
    else if (frame.type === 'end' && frame.entry) this.cursor.entry = Math.max(this.cursor.entry, frame.entry.entry)
    else if (frame.type === 'accepted' || frame.type === 'refused') this.unsay(frame.id)
    this.parts.receive(frame)
    if (frame.type === 'welcome') for (const message of this.outbox) this.repeat(message)
  }

  private welcome(frame: ServerFrame & { type: 'welcome' }): void {
    if (frame.conversation !== this.conversation) this.clearCursor()
    this.visitor = frame.visitor
    this.conversation = frame.conversation
    this.parts.store.setItem('visitor', this.visitor)
    this.parts.store.setItem('conversation', this.conversation)
    this.failures = 0
    this.welcomed = true
    this.uploaded.clear()
    this.parts.state('open')
  }

  /** Whether this piece is new. The page comes back to the last piece before any line whose sound was not complete,
   * because a whole-line MP3 takes the number of a piece inside its line; what it then gets twice is dropped here. */
  private fresh(frame: TurnFrame): boolean {
    const cursor = this.cursor
    if (frame.turn !== cursor.turn || frame.attempt !== cursor.attempt) {
      if (frame.turn === cursor.turn && frame.attempt < cursor.attempt) return false
      this.cursor = { entry: cursor.entry, turn: frame.turn, attempt: frame.attempt, piece: -1 }
      this.had.clear()
      this.openLines.clear()
      this.safe = -1
    }
    if (this.had.has(frame.piece)) return false
    this.had.add(frame.piece)
    if (frame.type === 'line') this.openLines.add(frame.line)
    if (frame.type === 'spoken') this.openLines.delete(frame.line)
    if (this.openLines.size === 0) this.safe = Math.max(this.safe, frame.piece)
    return true
  }

  private repeat(message: Unanswered): void {
    if (!this.welcomed || this.socket?.readyState !== OPEN) return
    for (const upload of message.uploads) {
      if (this.uploaded.has(upload.id)) continue
      this.uploaded.add(upload.id)
      this.socket.send(packed({ type: 'picture', id: upload.id, mime: upload.mime }, upload.bytes))
    }
    this.send({ type: 'say', id: message.id, text: message.text, pictures: message.uploads.map((upload) => upload.id) })
  }

  private beat(): void {
    this.never(this.pulse)
    this.pulse = this.later(() => {
      this.send({ type: 'ping', t: Date.now() })
      this.pulse = this.later(() => this.drop(), SILENCE_MS)
    }, PING_MS)
  }

  /** Give up a connection that says nothing; the close event of a dead network may never come. */
  private drop(): void {
    const socket = this.socket
    if (!socket) return
    socket.onclose = socket.onmessage = null
    socket.close()
    this.closed(1006)
  }

  private closed(code: number): void {
    this.socket = null
    this.welcomed = false
    this.never(this.pulse)
    if (code === NOT_YOURS) {
      this.conversation = ''
      this.parts.store.removeItem('conversation')
      this.clearCursor()
    }
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++)
    const wait = code === NO_ACCESS || code === 4429 ? LONGEST_WAIT_MS : longest * (0.5 + 0.5 * this.random())
    this.parts.state(code === NO_ACCESS ? 'denied' : 'waiting')
    this.timer = this.later(() => this.connect(), wait)
  }

  private clearCursor(): void {
    this.cursor = { entry: 0, turn: '', attempt: 0, piece: -1 }
    this.safe = -1
    this.had.clear()
    this.openLines.clear()
  }

  /** Texts outlive a reload; pictures are too large for the browser's small store. */
  private keep(): void {
    const texts = this.outbox.filter((message) => message.uploads.length === 0)
    this.parts.store.setItem('outbox', JSON.stringify(texts))
  }
}

function stored(text: string | null): Unanswered[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter((each): each is Unanswered => typeof each?.id === 'string' && typeof each?.text === 'string' && Array.isArray(each?.uploads)) : []
  } catch {
    return []
  }
}
