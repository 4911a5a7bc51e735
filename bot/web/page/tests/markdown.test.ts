import type { VNode } from 'preact'
import { expect, test } from 'vitest'
import { inline, markdown, type Node, plain } from '../src/markdown.ts'

/** Nodes as text that shows the tags and never mistakes text for them. */
function drawn(nodes: Node | Node[]): string {
  if (Array.isArray(nodes)) return nodes.map(drawn).join('')
  if (typeof nodes === 'string') return nodes.replaceAll('<', '‹')
  const { type, props } = nodes as VNode<{ children?: Node | Node[]; href?: string }>
  const children = props.children === undefined || props.children === null ? '' : drawn(props.children)
  return `<${String(type)}${props.href ? ` ${props.href}` : ''}>${children}</${String(type)}>`
}

test('marks become tags', () => {
  expect(drawn(inline('一 **二** *三* `四`'))).toBe('一 <strong>二</strong> <em>三</em> <code>四</code>')
  expect(drawn(markdown('# 题\n\n- 一\n- 二\n\n1. 甲\n2. 乙'))).toBe('<p><strong>题</strong></p><ul><li>一</li><li>二</li></ul><ol><li>甲</li><li>乙</li></ol>')
  expect(drawn(markdown('```js\nlet a = "*b*"\n```'))).toBe('<pre><code>let a = "*b*"</code></pre>')
  expect(drawn(markdown('一\n二'))).toBe('<p>一<br></br>二</p>')
})

test('tags in the text stay text', () => {
  expect(drawn(markdown('<img src=x onerror=alert(1)> <script>alert(1)</script>'))).toBe('<p>‹img src=x onerror=alert(1)> ‹script>alert(1)‹/script></p>')
  expect(drawn(markdown('```\n<b>\n```'))).toBe('<pre><code>‹b></code></pre>')
})

test('only http(s) addresses become links', () => {
  expect(drawn(inline('[这里](https://a.example/b)'))).toBe('<a https://a.example/b>这里</a>')
  expect(drawn(inline('看 https://a.example/x，好吗'))).toBe('看 <a https://a.example/x>https://a.example/x</a>，好吗')
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//a.example', '/login']) {
    expect(drawn(inline(`[x](${bad})`))).not.toContain('<a')
  }
})

test('an open fence or mark while the reply still grows breaks nothing', () => {
  expect(drawn(markdown('```py\nprint(1)'))).toBe('<pre><code>print(1)</code></pre>')
  expect(drawn(markdown('这是 **很重'))).toBe('<p>这是 **很重</p>')
  expect(markdown('')).toEqual([])
})

test('a text made to be slow is read whole, within the runner’s patience', () => {
  const text = `${'*a'.repeat(4000)}${'`'.repeat(3001)}${'['.repeat(3000)}`
  expect(drawn(markdown(text))).toContain('['.repeat(3000))
})

test('captions carry no marks', () => {
  expect(plain('## 题\n\n- **一** `二`\n1. [三](https://a.example)')).toBe('题 一 二 1. 三')
})
