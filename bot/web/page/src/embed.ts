// The script other people's pages take in: a round button with her portrait that opens her in a frame.
// <script src="https://her.example/embed.js" async data-side="left" data-lang="en" data-label="Ask Ayin"></script>
import portrait from './portrait.webp?no-inline'

const STYLE = `
:host{all:initial;position:fixed;bottom:max(20px,env(safe-area-inset-bottom));right:20px;z-index:2147483000;font:15px/1.5 system-ui,sans-serif}
:host([side=left]){right:auto;left:20px}
button{all:unset;box-sizing:border-box;display:block;position:relative;width:68px;height:68px;border:3px solid #fff;border-radius:50%;background:#d9f3ec center/cover;box-shadow:0 2px 6px #40306026,0 10px 28px #40306040;cursor:pointer;transition:transform .2s}
button:hover{transform:scale(1.06)}
button:focus-visible{outline:3px solid #2f8f7e;outline-offset:3px}
button::after{position:absolute;right:0;bottom:2px;width:13px;height:13px;border:2.5px solid #fff;border-radius:50%;background:#4fbfae;content:""}
iframe{position:fixed;right:20px;bottom:104px;width:min(400px,calc(100vw - 40px));height:min(680px,calc(100dvh - 124px));border:0;border-radius:24px;background:#f6f4fa;box-shadow:0 4px 12px #40306020,0 24px 70px #40306059;color-scheme:normal}
:host([side=left]) iframe{right:auto;left:20px}
[hidden]{display:none!important}
@media(max-width:520px),(max-height:520px){button[aria-expanded=true]{display:none}iframe,:host([side=left]) iframe{inset:0;width:100%;height:100dvh;border-radius:0}}
@media(prefers-reduced-motion:reduce){button{transition:none}}`

;(() => {
  const script = document.currentScript as HTMLScriptElement | null
  if (!script) return
  const { origin } = new URL(script.src)
  const { side, lang = document.documentElement.lang || navigator.language, label, portrait: own } = script.dataset
  const chinese = /^zh/i.test(lang)
  const name = label || (chinese ? '和数字人聊天' : 'Chat with a digital human')
  const host = document.createElement('div')
  if (side) host.setAttribute('side', side)
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [sheet]
  const button = document.createElement('button')
  button.style.backgroundImage = `url("${own || new URL(portrait, origin)}")`
  button.title = name
  for (const [key, value] of Object.entries({ type: 'button', 'aria-label': name, 'aria-haspopup': 'dialog', 'aria-expanded': 'false' })) button.setAttribute(key, value)
  root.append(button)
  let frame: HTMLIFrameElement | null = null

  const make = () => {
    const made = document.createElement('iframe')
    made.title = name
    made.allow = 'microphone; autoplay'
    made.src = `${origin}/embed?lang=${chinese ? 'zh' : 'en'}`
    made.onload = () => made.focus()
    root.append(made)
    return made
  }
  const show = (open: boolean) => {
    frame ??= make()
    frame.hidden = !open
    button.setAttribute('aria-expanded', String(open))
    if (open) return frame.focus()
    frame.contentWindow?.postMessage('zhiyin closed', origin)
    button.focus()
  }
  button.onclick = () => show(!frame || Boolean(frame.hidden))
  addEventListener('message', (event) => {
    if (event.origin === origin && event.source === frame?.contentWindow && event.data === 'zhiyin close') show(false)
  })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && frame && !frame.hidden) show(false)
  })
  const enter = () => document.body.append(host)
  document.body ? enter() : addEventListener('DOMContentLoaded', enter)
})()
