import { h, type VNode } from 'preact'
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

/** A text with marks (1, 2 …) standing at places of it. */
function marked(text: string, ...places: number[]): string {
  return drawn(markdown(text, places.map((at, number) => ({ at, node: h('sup', null, String(number + 1)) }))))
}

test('marks stand at their places, which count code points', () => {
  expect(marked('一二三', 1, 3)).toBe('<p>一<sup>1</sup>二三<sup>2</sup></p>')
  expect(marked('😀好。再见', 3)).toBe('<p>😀好。<sup>1</sup>再见</p>')
  expect(marked('三', 99, 99)).toBe('<p>三<sup>1</sup><sup>2</sup></p>')
  expect(marked('甲\r\n乙丙', 4)).toBe('<p>甲<br></br>乙<sup>1</sup>丙</p>')
})

test('marks break no markup: they stand after what they would part', () => {
  expect(marked('**重要**。', 3, 5, 7)).toBe('<p><strong>重<sup>1</sup>要</strong><sup>2</sup>。<sup>3</sup></p>')
  expect(marked('**重要**。', 1)).toBe('<p><strong><sup>1</sup>重要</strong>。</p>')
  expect(marked('见 `a b` 吧', 5)).toBe('<p>见 <code>a b</code><sup>1</sup> 吧</p>')
  expect(marked('看 https://a.example/x，好', 10)).toBe('<p>看 <a https://a.example/x>https://a.example/x</a><sup>1</sup>，好</p>')
  expect(marked('看 [这](https://a.example) 吧', 4)).toBe('<p>看 <a https://a.example>这</a><sup>1</sup> 吧</p>')
  expect(marked('```\na\n```\n完', 5)).toBe('<pre><code>a</code></pre><p><sup>1</sup></p><p>完</p>')
  expect(marked('```\na', 5)).toBe('<pre><code>a</code></pre><p><sup>1</sup></p>')
})

test('a mark after a line’s end stands at that line', () => {
  expect(marked('第一段。\n\n第二段。', 6)).toBe('<p>第一段。<sup>1</sup></p><p>第二段。</p>')
  expect(marked('第一行。\n第二行。', 5)).toBe('<p>第一行。<sup>1</sup><br></br>第二行。</p>')
  expect(marked('- 甲\n- 乙\n', 4, 8)).toBe('<ul><li>甲<sup>1</sup></li><li>乙<sup>2</sup></li></ul>')
  expect(marked('# 题\n正文', 4)).toBe('<p><strong>题<sup>1</sup></strong><br></br>正文</p>')
})

test('no mark is lost or doubled wherever it falls', () => {
  const text = '## 题 **粗*斜*粗** `码`\n\n1. 甲 [乙](https://a.example)\n2. 丙\n\n~~~\n代码\n~~~\n😀 尾 https://a.example/b。\n'
  for (let at = 0; at <= Array.from(text).length; at++) expect(marked(text, at).match(/<sup>/g), `at ${at}`).toHaveLength(1)
})
