// A stream's page is a second door of what is said in another window of the same browser: it goes where that goes.
import type { Visit } from '../visit.ts'
import { type Line, move } from './line.ts'

/** Enter whatever conversation another window enters. */
export function follow(visit: Visit, line: Line): void {
  addEventListener('storage', (event) => {
    if (event.key !== 'zhiyin.conversation' || !event.newValue || event.newValue === visit.link.conversation) return
    const visitor = localStorage.getItem('zhiyin.visitor')
    if (visitor) move(visit, line, visitor, event.newValue)
  })
}
