// Her portrait for the chat: a small picture of the body that is really there, drawn once for each body.
import { signal } from '@preact/signals'

/** Pixels of its sides: 44 of the page's, three times as fine. */
const SIZE = 132

/** Draws a square picture of `size` × `size`. */
export type Painter = (g: CanvasRenderingContext2D, size: number) => void

export class Portrait {
  /** Address of the picture; '' until there is one. */
  readonly url = signal('')
  private latest = 0

  /** Show what the painter draws, now and once; what is shown stays until that is there, or where it fails. */
  async take(paint: Painter): Promise<void> {
    const turn = ++this.latest
    const blob = await painted(paint)
    if (!blob || turn !== this.latest) return
    const old = this.url.value
    this.url.value = URL.createObjectURL(blob)
    if (old) URL.revokeObjectURL(old)
  }
}

async function painted(paint: Painter): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const g = canvas.getContext('2d')
  if (!g) return null
  paint(g, SIZE)
  return new Promise((done) => canvas.toBlob(done))
}
