// A kiosk that nobody looks after: its screen stays on, hands on the glass do no harm, and it recovers by itself.
import type { Signal } from '@preact/signals'
import type { Visit } from '../visit.ts'
import { awake, shield } from './glass.ts'
import type { Scene } from './reception.ts'
import { Watchdog } from './watchdog.ts'

const LOOK_MS = 5_000

/** Look after the page as long as it lives. */
export function keep(visit: Visit, scene: Signal<Scene>): void {
  awake()
  shield()
  const dog = new Watchdog({
    now: () => performance.now() / 1000,
    store: sessionStorage,
    reachable: () => fetch('/healthz', { cache: 'no-store' }).then((answer) => answer.ok).catch(() => false),
    reload: () => location.reload(),
  })
  const drawn = () => {
    dog.beat('picture')
    requestAnimationFrame(drawn)
  }
  drawn()
  setInterval(() => {
    // A hidden page is drawn by nobody, and a page without access is answered.
    if (document.hidden) dog.beat('picture')
    if (['open', 'denied'].includes(visit.chat.link.peek())) dog.beat('line')
    void dog.look(scene.peek() === 'attract')
  }, LOOK_MS)
}
