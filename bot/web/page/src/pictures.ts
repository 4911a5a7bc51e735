// Pictures a user adds: made small enough to send, with an address for the preview.

export interface Picture {
  id: string
  mime: string
  bytes: Uint8Array
  /** Blob address of the preview. */
  url: string
}

const LONGEST = 1600
export const MOST = 4

/** A picture at most 1600 pixels wide or high, as JPEG. Throws when the browser can't read it. */
export async function prepared(file: Blob, id: string): Promise<Picture> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.86))
  if (!blob) throw new Error('no picture')
  return { id, mime: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()), url: URL.createObjectURL(blob) }
}
