// The render loop: reads the clock, moves mouth, face and hands, draws the body that this machine can carry.
import { signal } from '@preact/signals'
import { backdrop, CanvasBody, portrait } from './body/canvas.ts'
import type { AvatarDriver, Mouth } from './body/driver.ts'
import { Feeling } from './body/feeling.ts'
import { Life, type Mood, still } from './body/life.ts'
import { type Manifest, manifest, meaning, mouth, PLAIN } from './body/manifest.ts'
import type { VrmBody } from './body/vrm.ts'
import { FLAT, Ladder, type Rung, software } from './ladder.ts'
import type { Player } from './player.ts'
import { Portrait } from './portrait.ts'
import type { Speech } from './speech.ts'
import { type Mix, strongest, type Viseme } from './track.ts'

export interface Sample extends Mouth {
  /** Milliseconds on the player's timeline. */
  clock: number
}

/** What she is frozen in, for pictures and tests; what is left out stays at rest. */
export interface Still {
  /** Name of one of the manifest's expressions. */
  expression?: string
  gesture?: string
  /** Share 0…1 of the gesture's time. */
  at?: number
  viseme?: Viseme
  intensity?: number
}

const LOG = 2400
const RETRY_MS = 4000
/** Frames until loose hair hangs still. */
const SETTLED = 1

export class Stage {
  /** The line being heard, for the captions. */
  readonly subtitle = signal('')
  readonly log: Sample[] = []
  /** Who made her body, where somebody else did. */
  readonly credits = signal<Manifest['credits'] | null>(null)
  /** The small picture of this body. */
  readonly portrait = new Portrait()
  mood: Mood = 'idle'
  weights: Mouth = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 }
  viseme = 'sil'
  fps = 0
  readonly errors: string[] = []
  private readonly ladder = new Ladder((rung) => this.step(rung))
  private readonly life = new Life()
  private readonly feeling = new Feeling(this.life.blinking)
  private frozen: { still: Still; frames: number; drawn: () => void } | null = null
  private content: Manifest = PLAIN
  private body: AvatarDriver
  private manifestUrl = ''
  private last = 0
  private losses = 0
  private loading = false
  private wide = false

  constructor(
    private readonly host: HTMLElement,
    private readonly speech: Speech,
    private readonly player: Player,
    choice: URLSearchParams,
  ) {
    const still = matchMedia('(prefers-reduced-motion: reduce)')
    this.life.calm = still.matches
    still.addEventListener('change', () => {
      this.life.calm = still.matches
    })
    this.body = new CanvasBody(this.sheet('canvas'))
    const renderer = probe()
    if (renderer === null || choice.get('body') === 'canvas') this.ladder.pin(FLAT)
    else if (choice.get('quality') === 'low') this.ladder.pin(FLAT - 1)
    else if (choice.get('quality') === 'high') this.ladder.pin(0)
    else if (choice.get('body') === 'vrm') this.ladder.pin(software(renderer) ? 4 : 1)
    else this.ladder.begin(renderer)
    new ResizeObserver(() => this.fit()).observe(host)
    this.fit()
    requestAnimationFrame((now) => this.frame(now))
    setInterval(() => document.hidden && this.speech.tick(), 250)
  }

  get drawn(): 'vrm' | 'canvas' {
    return this.body instanceof CanvasBody ? 'canvas' : 'vrm'
  }

  get quality(): number {
    return this.ladder.level
  }

  get gesture(): string {
    return this.life.gestures.name
  }

  get expression(): string {
    return this.frozen?.still.expression ?? this.feeling.name
  }

  /** Take the body a manifest names. */
  async dress(url: string): Promise<void> {
    if (!url || url === this.manifestUrl) return
    this.manifestUrl = url
    const answer = await fetch(url).catch(() => null)
    if (!answer?.ok) {
      this.errors.push(`manifest ${answer?.status ?? 'unreachable'}`)
      this.manifestUrl = ''
      return
    }
    this.content = manifest(await answer.json().catch(() => null))
    this.credits.value = this.content.credits ?? null
    if (this.body instanceof CanvasBody) this.body.dye(this.content.palette)
    // Until a solid body is there, the drawn one: in her colours it is like her already.
    const coming = this.ladder.rung.body === 'vrm' && this.content.body !== ''
    if (!coming || (this.content.palette.hair && !this.portrait.url.peek())) this.paint()
    if (this.ladder.rung.body === 'vrm') await this.embody(true)
  }

  /** Act out a cue; unknown ones are left out. */
  cue(name: string, intensity: number): void {
    const means = meaning(name, this.content)
    if (!means) return
    if ('gesture' in means) this.life.gestures.begin(means.gesture, intensity)
    else this.feeling.show(means.expression, this.content.expressions[means.expression]?.vrm ?? {}, intensity)
  }

  /** Freeze her in a pose, or let her live on with null; resolves when the pose is drawn. */
  pose(still: Still | null): Promise<void> {
    this.frozen?.drawn()
    this.frozen = null
    if (!still) return Promise.resolve()
    return new Promise((drawn) => {
      this.frozen = { still, frames: 0, drawn }
    })
  }

  private frame(now: number): void {
    requestAnimationFrame((next) => this.frame(next))
    const passed = now - this.last
    if (passed < 1000 / this.ladder.rung.cap - 3) return
    this.last = now
    const dt = Math.min(0.25, passed / 1000)
    this.fps += (1000 / Math.max(1, passed) - this.fps) * 0.08
    this.ladder.frame(passed)
    this.speech.tick()
    this.act(dt)
    this.body.update(dt)
  }

  private act(dt: number): void {
    if (this.frozen) return this.hold(this.frozen)
    const mix = this.speech.mouth()
    this.articulate(mix)
    this.note(this.weights)
    this.subtitle.value = this.speech.line?.text ?? ''
    const speaking = this.player.playing
    this.life.mood = speaking ? 'speaking' : this.mood
    this.life.rhythm.step(this.speech.sounding)
    const { aa, oh, ee } = this.weights
    this.body.setPose(this.life.step(dt))
    this.body.setExpression(this.feeling.step(dt, speaking, Math.max(aa, oh * 0.8, ee * 0.6)))
    this.body.setGaze(this.life.gazing.at.x, this.life.gazing.at.y)
  }

  private articulate(mix: Mix): void {
    this.weights = mouth(mix, this.content)
    this.viseme = strongest(mix)
    this.body.setMouth(this.weights, mix)
  }

  /** Show a frozen pose, a few times over. */
  private hold(frozen: { still: Still; frames: number; drawn: () => void }): void {
    const { expression = '', gesture = '', at = 0.5, viseme = 'sil', intensity = 1 } = frozen.still
    this.articulate({ [viseme]: 1 })
    this.body.setPose(still(gesture, at, intensity))
    const face: Record<string, number> = {}
    for (const [name, weight] of Object.entries(this.content.expressions[expression]?.vrm ?? {})) face[name] = weight * intensity
    this.body.setExpression(face)
    this.body.setGaze(0, 0)
    if (++frozen.frames > SETTLED) frozen.drawn()
  }

  private note(weights: Mouth): void {
    if (!this.player.playing) return
    this.log.push({ clock: this.player.heardPosition * 1000, ...weights })
    if (this.log.length > LOG) this.log.splice(0, this.log.length - LOG)
  }

  /** The ladder chose another rung. */
  private step(rung: Rung): void {
    if (rung.body === 'canvas') this.undress()
    else void this.embody()
    this.fit()
  }

  /** Load the 3-D body and put it in place of the drawn one. */
  private async embody(anew = false): Promise<void> {
    if ((this.drawn === 'vrm' && !anew) || this.loading || !this.content.body) return
    this.loading = true
    const canvas = this.sheet('vrm')
    try {
      const { context, VrmBody } = await import('./body/vrm.ts')
      const gl = context(canvas, this.ladder.level < 2)
      if (!gl) throw new Error('no WebGL')
      canvas.addEventListener('webglcontextlost', (event) => {
        event.preventDefault()
        this.lost()
      })
      const body = await VrmBody.load(canvas, gl.gl, new URL(this.content.body, new URL(this.manifestUrl, location.href)).href, this.content)
      if (this.ladder.rung.body !== 'vrm') throw new Error('too slow for 3-D')
      this.photograph(body)
      this.replace(body)
    } catch (error) {
      canvas.remove()
      this.errors.push(String(error))
      this.paint()
      this.ladder.bottom()
    } finally {
      this.loading = false
    }
  }

  /** Her portrait in the colours of the drawn body. */
  private paint(): void {
    const { palette } = this.content
    void this.portrait.take((g, size) => portrait(g, size, palette))
  }

  /** Her portrait as this body looks, standing still with a smile. */
  private photograph(body: VrmBody): void {
    body.setPose(still('', 0, 1))
    body.setMouth(mouth({}, this.content), {})
    body.setExpression(this.content.expressions['smile']?.vrm ?? {})
    void this.portrait.take((g, size) => {
      backdrop(g, size, this.content.palette.trim)
      body.portrait(g, size)
    })
  }

  /** The driver lost its context: draw her flat, and try again a few times. */
  private lost(): void {
    this.undress()
    if (++this.losses > 3) return this.ladder.bottom()
    setTimeout(() => this.ladder.rung.body === 'vrm' && void this.embody(), RETRY_MS * this.losses)
  }

  private undress(): void {
    if (this.drawn === 'canvas') return
    this.replace(new CanvasBody(this.sheet('canvas'), this.content.palette))
  }

  private replace(body: AvatarDriver): void {
    const old = this.body
    this.body = body
    this.fit()
    body.update(0)
    body.canvas.classList.add('shown')
    old.canvas.classList.remove('shown')
    setTimeout(() => {
      old.dispose()
      old.canvas.remove()
    }, 450)
  }

  private sheet(kind: 'vrm' | 'canvas'): HTMLCanvasElement {
    const canvas = document.createElement('canvas')
    canvas.className = `body ${kind}`
    canvas.setAttribute('aria-hidden', 'true')
    if (kind === 'canvas' && !this.body) canvas.classList.add('shown')
    this.host.append(canvas)
    return canvas
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.host
    if (width < 2 || height < 2) return
    this.wide = height > 560
    this.body.size(width, height, this.ladder.rung, { bust: !this.wide, shift: 0 })
  }
}

/** Name of what draws WebGL here; null without WebGL. */
function probe(): string | null {
  const canvas = document.createElement('canvas')
  const gl = canvas.getContext('webgl2')
  if (!gl) return null
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return name
}
