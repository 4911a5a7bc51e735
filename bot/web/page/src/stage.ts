// The render loop: reads the clock, moves mouth, face and hands, draws the body that this machine can carry.
import { signal } from '@preact/signals'
import { CanvasBody } from './body/canvas.ts'
import type { AvatarDriver, Mouth } from './body/driver.ts'
import { Gesture } from './body/gestures.ts'
import { Life, type Mood } from './body/life.ts'
import { type Manifest, manifest, meaning, mouth, PLAIN } from './body/manifest.ts'
import { Ladder, type Rung, software } from './ladder.ts'
import type { Player } from './player.ts'
import type { Speech } from './speech.ts'
import { strongest } from './track.ts'

export interface Sample extends Mouth {
  /** Milliseconds on the player's timeline. */
  clock: number
}

const LOG = 2400
const FACE_HOLD_S = 3.2
const RETRY_MS = 4000
/** Time for the eyes to open before another face comes up. */
const FACE_SPEED = 5

export class Stage {
  /** The line being heard, for the captions. */
  readonly subtitle = signal('')
  readonly log: Sample[] = []
  mood: Mood = 'idle'
  weights: Mouth = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 }
  viseme = 'sil'
  expression = ''
  fps = 0
  readonly errors: string[] = []
  private readonly ladder = new Ladder((rung) => this.step(rung))
  private readonly life = new Life()
  private readonly moves = new Gesture()
  private content: Manifest = PLAIN
  private body: AvatarDriver
  private manifestUrl = ''
  private face = { name: '', weight: 0, left: 0 }
  private shown: Record<string, number> = {}
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
    if (renderer === null || choice.get('body') === 'canvas') this.ladder.pin(6)
    else if (choice.get('quality') === 'low') this.ladder.pin(5)
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
    return this.moves.name
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
    if (this.ladder.rung.body === 'vrm') await this.embody()
  }

  /** Act out a cue; unknown ones are left out. */
  cue(name: string, intensity: number): void {
    const means = meaning(name, this.content)
    if (!means) return
    if ('gesture' in means) this.moves.begin(means.gesture, intensity)
    else {
      if (this.face.name !== means.expression) this.life.blinkSoon()
      this.face = { name: means.expression, weight: Math.min(1, Math.max(0.2, intensity)), left: FACE_HOLD_S }
    }
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
    const mix = this.speech.mouth()
    const weights = mouth(mix, this.content)
    this.weights = weights
    this.viseme = strongest(mix)
    this.note(weights)
    this.subtitle.value = this.speech.line?.text ?? ''
    this.life.mood = this.player.playing ? 'speaking' : this.mood
    const open = Math.max(weights.aa, weights.oh * 0.8, weights.ee * 0.6)
    const pose = this.life.step(dt, open)
    this.body.setMouth(weights, mix)
    this.body.setExpression(this.feel(dt, open))
    this.body.setPose(pose)
    this.body.setGaze(this.life.gaze.x, this.life.gaze.y)
    this.body.gesture(this.moves.step(dt))
  }

  /** Weights of the face: they come and go softly, and give way to a mouth that talks. */
  private feel(dt: number, open: number): Record<string, number> {
    if (!this.player.playing) this.face.left -= dt
    const on = this.face.left > 0 ? this.face.weight : 0
    this.expression = on > 0 ? this.face.name : ''
    const target: Record<string, number> = {}
    for (const [name, weight] of Object.entries(this.content.expressions[this.face.name]?.vrm ?? {})) target[name] = weight * on
    if (on === 0) target['relaxed'] = 0.15
    const speed = 1 - Math.exp(-FACE_SPEED * dt)
    const result: Record<string, number> = {}
    for (const name of new Set([...Object.keys(this.shown), ...Object.keys(target)])) {
      const value = (this.shown[name] ?? 0) + ((target[name] ?? 0) - (this.shown[name] ?? 0)) * speed
      if (value < 0.002 && !target[name]) delete this.shown[name]
      else this.shown[name] = value
      result[name] = value * (1 - 0.45 * open)
    }
    return result
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
  private async embody(): Promise<void> {
    if (this.drawn === 'vrm' || this.loading || !this.content.body) return
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
      this.replace(body)
    } catch (error) {
      canvas.remove()
      this.errors.push(String(error))
      this.ladder.bottom()
    } finally {
      this.loading = false
    }
  }

  /** The driver lost its context: draw her flat, and try again a few times. */
  private lost(): void {
    this.undress()
    if (++this.losses > 3) return this.ladder.bottom()
    setTimeout(() => this.ladder.rung.body === 'vrm' && void this.embody(), RETRY_MS * this.losses)
  }

  private undress(): void {
    if (this.drawn === 'canvas') return
    this.replace(new CanvasBody(this.sheet('canvas')))
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
