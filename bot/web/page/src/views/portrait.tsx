// Her portrait in the chat, or nobody's until hers is drawn.
import type { Visit } from '../visit.ts'

export function Portrait({ visit }: { visit: Visit }) {
  const url = visit.stage.value?.portrait.url.value
  return url ? (
    <img class="portrait" src={url} alt="" width="44" height="44" draggable={false} />
  ) : (
    <svg class="portrait" viewBox="0 0 44 44" width="44" height="44" aria-hidden="true">
      <path d="M22 24c-9 0-15 6-16 20h32c-1-14-7-20-16-20Z" />
      <circle cx="22" cy="18" r="9" />
    </svg>
  )
}
