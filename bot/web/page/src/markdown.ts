// A safe subset of Markdown as virtual nodes: all text is text by construction, and links are http(s) only.
import { h, type VNode } from 'preact'

export type Node = VNode<any> | string

/** Something that stands at a place of the text, given in code points of it. */
export interface Mark {
  at: number
  node: Node
}

/** Marks on their way into the text, each set down once and in order; places are UTF-16 units from here on. */
class Marks {
  private next = 0
  private readonly marks: Mark[]

  constructor(text: string, marks: readonly Mark[]) {
    const points = marks.length > 0 ? Array.from(text) : []
    // What stands after a line's end or before a space belongs to the words before it.
    const place = (at: number) => even(points.slice(0, Math.max(0, at)).join('')).trimEnd().length
    this.marks = marks.map((mark) => ({ ...mark, at: place(mark.at) })).sort((a, b) => a.at - b.at)
  }

  /** Plain words that begin at a place, with the marks due up to their end. */
  words(text: string, from: number): Node[] {
    const nodes: Node[] = []
    let cut = 0
    for (let mark = this.marks[this.next]; mark && mark.at <= from + text.length; mark = this.marks[++this.next]) {
      const place = Math.max(cut, mark.at - from)
      if (place > cut) nodes.push(text.slice(cut, place))
      nodes.push(mark.node)
      cut = place
    }
    if (cut < text.length) nodes.push(text.slice(cut))
    return nodes
  }
}

const INLINE = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|\*(?=[^\s*])([^*\n]*[^\s*])\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>"'`，。！？；：、（）【】《》「」]+)/

/** A text's blocks: paragraphs, lists, fenced code, quotes and headings (shown bold); marks stand in them and break none. */
export function markdown(text: string, standing: readonly Mark[] = []): Node[] {
  const blocks: Node[] = []
  const marks = new Marks(text, standing)
  const lines = even(text).split('\n')
  const starts: number[] = []
  for (let at = 0, line = 0; line < lines.length; at += lines[line++]!.length + 1) starts.push(at)
  /** The end of a line from some place in it on. */
  const rest = (line: number, words: string) => inline(words, marks, starts[line]! + lines[line]!.length - words.length)
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!
    const fence = /^\s*(```+|~~~+)/.exec(line)
    if (fence) {
      const end = lines.findIndex((each, at) => at > i && each.trim().startsWith(fence[1]!))
      const last = end < 0 ? lines.length : end
      blocks.push(h('pre', null, h('code', null, lines.slice(i + 1, last).join('\n'))))
      i = last + 1
      const after = marks.words('', (starts[i] ?? text.length + 1) - 1)
      if (after.length > 0) blocks.push(h('p', null, after))
    } else if (item(line)) {
      const ordered = /^\s*\d/.test(line)
      const items: Node[] = []
      for (; i < lines.length && item(lines[i]!) && /^\s*\d/.test(lines[i]!) === ordered; i++) items.push(h('li', null, rest(i, item(lines[i]!)!)))
      blocks.push(h(ordered ? 'ol' : 'ul', ordered ? { start: Number.parseInt(line.trim(), 10) } : null, items))
    } else if (line.trim() === '') i++
    else {
      const paragraph: Node[] = []
      for (const first = i; i < lines.length && lines[i]!.trim() !== '' && !item(lines[i]!) && !/^\s*(```|~~~)/.test(lines[i]!); i++) {
        if (i > first) paragraph.push(h('br', null))
        const heading = /^\s{0,3}#{1,6}\s+(.*)$/.exec(lines[i]!)
        paragraph.push(...(heading ? [h('strong', null, rest(i, heading[1]!))] : rest(i, lines[i]!)))
      }
      blocks.push(h('p', null, paragraph))
    }
  }
  return blocks
}

/** A text without its marks, on one line, as for captions. */
export function plain(text: string): string {
  const marks = text.replace(/^\s*(?:#{1,6}\s+|[-*•]\s+|```\w*)/gm, '').replace(/\[([^\]\n]+)\]\([^()\s]+\)/g, '$1')
  return marks.replace(/\*\*|`+/g, '').replace(/\s+/g, ' ').trim()
}

/** With one kind of line's end. */
function even(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** A list item's text; null when the line is none. */
function item(line: string): string | null {
  return /^\s*(?:[-*•]|\d{1,3}[.)])\s+(.+)$/.exec(line)?.[1] ?? null
}

/** A line's nodes: code, bold, italic, links; it begins at a place of the whole text, and no mark parts code or a link. */
export function inline(text: string, marks = new Marks('', []), from = 0): Node[] {
  const nodes: Node[] = []
  let rest = text
  let at = from
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    nodes.push(...marks.words(rest.slice(0, match.index), at))
    at += match.index
    const [whole, , code, bold, italic, label, address, bare] = match
    if (code !== undefined) nodes.push(h('code', null, code))
    else if (bold !== undefined) nodes.push(h('strong', null, inline(bold, marks, at + 2)))
    else if (italic !== undefined) nodes.push(h('em', null, inline(italic, marks, at + 1)))
    else nodes.push(link(label ?? bare!, address ?? bare!) ?? whole)
    at += whole.length
    nodes.push(...marks.words('', at))
    rest = rest.slice(match.index + whole.length)
  }
  return [...nodes, ...marks.words(rest, at)]
}

/** A link that opens apart and tells nothing about this page; null for any address but http(s). */
function link(label: string, address: string): VNode<any> | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, label)
}
