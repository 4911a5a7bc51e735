// A safe subset of Markdown as virtual nodes: all text is text by construction, and links are http(s) only.
import { h, type VNode } from 'preact'

export type Node = VNode<any> | string

const INLINE = /(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|\*(?=[^\s*])([^*\n]*[^\s*])\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>"'`，。！？；：、（）【】《》「」]+)/

/** A text's blocks: paragraphs, lists, fenced code, quotes and headings (shown bold). */
export function markdown(text: string): Node[] {
  const blocks: Node[] = []
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!
    const fence = /^\s*(```+|~~~+)/.exec(line)
    if (fence) {
      const end = lines.findIndex((each, at) => at > i && each.trim().startsWith(fence[1]!))
      const last = end < 0 ? lines.length : end
      blocks.push(h('pre', null, h('code', null, lines.slice(i + 1, last).join('\n'))))
      i = last + 1
    } else if (item(line)) {
      const ordered = /^\s*\d/.test(line)
      const items: Node[] = []
      for (; i < lines.length && item(lines[i]!) && /^\s*\d/.test(lines[i]!) === ordered; i++) items.push(h('li', null, inline(item(lines[i]!)!)))
      blocks.push(h(ordered ? 'ol' : 'ul', ordered ? { start: Number.parseInt(line.trim(), 10) } : null, items))
    } else if (line.trim() === '') i++
    else {
      const paragraph: string[] = []
      while (i < lines.length && lines[i]!.trim() !== '' && !item(lines[i]!) && !/^\s*(```|~~~)/.test(lines[i]!)) paragraph.push(lines[i++]!)
      blocks.push(h('p', null, paragraph.flatMap((each, at) => (at ? [h('br', null), ...shown(each)] : shown(each)))))
    }
  }
  return blocks
}

/** A text without its marks, on one line, as for captions. */
export function plain(text: string): string {
  const marks = text.replace(/^\s*(?:#{1,6}\s+|[-*•]\s+|```\w*)/gm, '').replace(/\[([^\]\n]+)\]\([^()\s]+\)/g, '$1')
  return marks.replace(/\*\*|`+/g, '').replace(/\s+/g, ' ').trim()
}

function shown(line: string): Node[] {
  const heading = /^\s{0,3}#{1,6}\s+(.*)$/.exec(line)
  return heading ? [h('strong', null, inline(heading[1]!))] : inline(line)
}

/** A list item's text; null when the line is none. */
function item(line: string): string | null {
  return /^\s*(?:[-*•]|\d{1,3}[.)])\s+(.+)$/.exec(line)?.[1] ?? null
}

/** A line's nodes: code, bold, italic, links. */
export function inline(text: string): Node[] {
  const nodes: Node[] = []
  let rest = text
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    if (match.index > 0) nodes.push(rest.slice(0, match.index))
    const [whole, , code, bold, italic, label, address, bare] = match
    if (code !== undefined) nodes.push(h('code', null, code))
    else if (bold !== undefined) nodes.push(h('strong', null, inline(bold)))
    else if (italic !== undefined) nodes.push(h('em', null, inline(italic)))
    else nodes.push(link(label ?? bare!, address ?? bare!) ?? whole)
    rest = rest.slice(match.index + whole.length)
  }
  if (rest) nodes.push(rest)
  return nodes
}

/** A link that opens apart and tells nothing about this page; null for any address but http(s). */
function link(label: string, address: string): VNode<any> | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null
  return h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, label)
}
