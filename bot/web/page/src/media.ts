// Sound and pictures of the conversation, fetched with the visitor's right and kept for the life of the page.

export class Media {
  private urls = new Map<string, Promise<string>>()

  constructor(private readonly who: () => { visitor: string; conversation: string }) {}

  /** The bytes of a stored thing. Throws when the server refuses. */
  async bytes(hash: string): Promise<Uint8Array> {
    const { visitor, conversation } = this.who()
    const answer = await fetch(`/media/${encodeURIComponent(conversation)}/${encodeURIComponent(hash)}`, {
      headers: { Authorization: `Bearer ${visitor}` },
    })
    if (!answer.ok) throw new Error(`media: ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }

  /** A blob address for an <img>. */
  url(hash: string, mime: string): Promise<string> {
    const known = this.urls.get(hash)
    if (known) return known
    const url = this.bytes(hash).then((bytes) => URL.createObjectURL(new Blob([bytes.slice()], { type: mime })))
    this.urls.set(hash, url)
    url.catch(() => this.urls.delete(hash))
    return url
  }

  /** Let go of everything, as when the visitor's data is deleted. */
  clear(): void {
    for (const url of this.urls.values()) url.then(URL.revokeObjectURL).catch(() => undefined)
    this.urls.clear()
  }
}
