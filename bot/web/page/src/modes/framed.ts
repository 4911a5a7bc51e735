// Inside somebody else's page: closing is the other page's to do, so ask it.
import type { Visit } from '../visit.ts'

/** Listen to the page around, and give the way to have it close us. */
export function framed(visit: Visit): () => void {
  // Whoever holds us learns no more than that we want to close.
  const close = () => parent.postMessage('zhiyin close', '*')
  addEventListener('message', (event) => {
    if (event.source === parent && event.data === 'zhiyin closed') visit.stop()
  })
  addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Escape' && !event.isComposing && !visit.busy.peek() && !document.querySelector('dialog[open]')) close()
    },
    { capture: true },
  )
  return close
}
