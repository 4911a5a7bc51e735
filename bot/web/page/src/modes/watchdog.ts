// Keeps a page alive for weeks: loads it anew when its picture or its line is dead, and once a day while nobody is there.
import type { Store } from '../link.ts'

export type Pulse = 'picture' | 'line'

export interface Kennel {
  /** Seconds. */
  now(): number
  /** Remembers over a reload. */
  store: Store
  /** Whether the server would give the page: a reload without it leaves an error page that never comes back. */
  reachable(): Promise<boolean>
  reload(): void
}

const DEAD_S = 60
const DAY_S = 86_400
/** A gap this long between two looks: the machine slept, and nothing died. */
const SLEPT_S = 30
const SHORTEST_S = 60
const LONGEST_S = 3600
/** A page that lives this long has got over whatever it was. */
const WELL_S = 900

export class Watchdog {
  private readonly beats: Record<Pulse, number>
  private readonly born: number
  private looked: number
  private asking = false

  constructor(private readonly kennel: Kennel) {
    this.born = this.looked = kennel.now()
    this.beats = { picture: this.born, line: this.born }
  }

  /** It lives. */
  beat(pulse: Pulse): void {
    this.beats[pulse] = this.kennel.now()
  }

  /** Look after it; `idle` when nobody would notice a reload. */
  async look(idle: boolean): Promise<void> {
    const now = this.kennel.now()
    if (now - this.looked > SLEPT_S) this.beats.picture = this.beats.line = now
    this.looked = now
    const age = now - this.born
    const dead = now - Math.min(this.beats.picture, this.beats.line) > DEAD_S
    if (age > WELL_S && !dead) this.kennel.store.removeItem('reloads')
    const reloads = Number(this.kennel.store.getItem('reloads') ?? 0) || 0
    const patience = Math.min(LONGEST_S, SHORTEST_S * 2 ** reloads)
    if (this.asking || !((dead && age > patience) || (idle && age > DAY_S))) return
    this.asking = true
    try {
      if (!(await this.kennel.reachable())) return
      this.kennel.store.setItem('reloads', String(reloads + 1))
      this.kennel.reload()
    } finally {
      this.asking = false
    }
  }
}
