// The line a page talks through, held so that it can be hung up: what a place does when somebody else comes.
import type { Socket } from '../link.ts'
import type { Visit } from '../visit.ts'

export class Line {
  private socket: Socket | null = null

  constructor(private readonly connect: () => Socket) {}

  /** Pick up. */
  open(): Socket {
    this.socket = this.connect()
    return this.socket
  }

  /** Hang up; a socket that closes says nothing more, and the link comes back by itself as who it is then. */
  close(): void {
    this.socket?.close()
  }
}

/** Go to a conversation that another window of this visitor entered. */
export function move(visit: Visit, line: Line, visitor: string, conversation: string): void {
  visit.stop()
  line.close()
  visit.link.enter(visitor, conversation)
}

/** Be somebody new: of who was here before, nothing stays on the page. */
export function renew(visit: Visit, line: Line): void {
  visit.stop()
  line.close()
  visit.link.reset()
  visit.media.clear()
  visit.chat.clear()
  for (const picture of visit.pictures.value) visit.remove(picture)
  for (const text of [visit.draft, visit.toast, visit.announced]) text.value = ''
  visit.composing.value = false
}
