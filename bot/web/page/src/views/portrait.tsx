// Her portrait in the chat, drawn once by the 2-D body.
import { portrait } from '../body/canvas.ts'

let drawn: string | null = null

export function Portrait() {
  drawn ??= portrait(132)
  return <img class="portrait" src={drawn} alt="" width="44" height="44" draggable={false} />
}
