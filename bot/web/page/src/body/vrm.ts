// The 3-D body: a VRM drawn by three.js; this file and all it needs are one lazy chunk.
import { MToonMaterial, type VRM, type VRMHumanBoneName, VRMLoaderPlugin, VRMUtils } from '@pixiv/three-vrm'
import { AmbientLight, Color, DirectionalLight, type Mesh, Object3D, PerspectiveCamera, Scene, TextureLoader, Vector2, Vector3, WebGLRenderer } from 'three'
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js'
import type { Rung } from '../ladder.ts'
import type { Mix } from '../track.ts'
import type { AvatarDriver, Frame, Mouth, Pose } from './driver.ts'
import { Fingers } from './fingers.ts'
import { type Manifest, SHAPES, type View } from './manifest.ts'
import { Morphs } from './morphs.ts'
import { BUILD, type Build, bend, type Reach, type Side } from './reach.ts'
import type { Quat, Vec } from './vector.ts'

const FIELD = 20

/** A context for WebGL 2 and the name of what draws it; null where there is none. */
export function context(canvas: HTMLCanvasElement, fine: boolean): { gl: WebGL2RenderingContext; renderer: string } | null {
  const gl = canvas.getContext('webgl2', { alpha: true, antialias: fine, powerPreference: 'high-performance', premultipliedAlpha: true })
  if (!gl) return null
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  return { gl, renderer: String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)) }
}

export class VrmBody implements AvatarDriver {
  private readonly scene = new Scene()
  private readonly camera = new PerspectiveCamera(FIELD, 1, 0.1, 20)
  private readonly target = new Object3D()
  private readonly head = new Vector3()
  private readonly names: Set<string>
  private readonly morphs: Morphs
  private readonly hands: Record<Side, Fingers>
  private readonly build: Build
  /** -1 for a VRM 0, whose bones face away. */
  private readonly flip: number
  private pose: Pose | null = null
  private mix: Mix = {}
  private readonly look = { x: 0, y: 0 }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly renderer: WebGLRenderer,
    private readonly vrm: VRM,
    private readonly manifest: Manifest,
  ) {
    const key = new DirectionalLight(0xfff3ea, Math.PI * 0.82)
    key.position.set(0.6, 1.6, 1.8)
    this.scene.add(key, new AmbientLight(0xe8ecff, 0.55), vrm.scene, this.target)
    vrm.scene.traverse((each) => {
      each.frustumCulled = false
    })
    if (vrm.lookAt) vrm.lookAt.target = this.target
    vrm.humanoid.getRawBoneNode('head')?.getWorldPosition(this.head)
    this.names = new Set(vrm.expressionManager?.expressions.map((each) => each.expressionName))
    this.morphs = new Morphs(vrm.scene, manifest.morphs)
    this.flip = vrm.meta.metaVersion === '0' ? -1 : 1
    const bone = (name: string) => this.bone(name)
    this.hands = { left: new Fingers('left', bone, this.flip), right: new Fingers('right', bone, this.flip) }
    this.build = measured(vrm)
  }

  /** Load a body. Throws when the file is no VRM or the network fails. */
  static async load(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext, url: string, manifest: Manifest): Promise<VrmBody> {
    const loader = new GLTFLoader()
    loader.register((parser) => {
      // The usual bitmap loader fetches blob: addresses, which the page's policy forbids; an <img> may show them.
      parser.textureLoader = new TextureLoader(parser.options.manager)
      return new VRMLoaderPlugin(parser)
    })
    const gltf = await loader.loadAsync(url)
    const vrm = gltf.userData['vrm'] as VRM | undefined
    if (!vrm) throw new Error(`${url} is no VRM`)
    VRMUtils.rotateVRM0(vrm)
    VRMUtils.removeUnnecessaryVertices(gltf.scene)
    VRMUtils.combineSkeletons(gltf.scene)
    const renderer = new WebGLRenderer({ canvas, context: gl, alpha: true })
    renderer.setClearColor(new Color(0), 0)
    return new VrmBody(canvas, renderer, vrm, manifest)
  }

  setMouth(mouth: Mouth, mix: Mix): void {
    this.mix = mix
    const share = this.morphs.found ? 0 : 1
    for (const shape of SHAPES) this.vrm.expressionManager?.setValue(shape, mouth[shape] * share)
  }

  setExpression(weights: Readonly<Record<string, number>>): void {
    for (const name of this.names) if (!BUSY.has(name)) this.vrm.expressionManager?.setValue(name, weights[name] ?? 0)
  }

  setGaze(x: number, y: number): void {
    this.look.x = x
    this.look.y = y
  }

  setPose(pose: Pose): void {
    this.pose = pose
    const faces = this.vrm.expressionManager
    const [left, right] = pose.lids
    const apart = this.names.has('blinkLeft') && this.names.has('blinkRight')
    faces?.setValue('blink', apart ? 0 : (left + right) / 2)
    if (!apart) return
    faces?.setValue('blinkLeft', left)
    faces?.setValue('blinkRight', right)
  }

  size(width: number, height: number, rung: Rung, frame: Frame): void {
    this.renderer.setPixelRatio(Math.min(devicePixelRatio || 1, rung.ratio))
    this.renderer.setSize(width, height, false)
    this.vrm.scene.traverse((each) => outline(each, rung.outlines))
    const camera = this.camera
    camera.aspect = width / Math.max(1, height)
    const { bust, half } = this.manifest.camera
    const view = (frame.bust ? bust && nearer(bust, 1.18) : half && nearer(half, 0.9)) ?? (frame.bust ? { centre: this.head.y + 0.02, span: 0.56 } : { centre: this.head.y - 0.14, span: 0.88 })
    // A narrow picture must still hold her shoulders.
    const span = Math.max(view.span, (frame.bust ? 0.46 : 0.62) / camera.aspect)
    const distance = span / 2 / Math.tan((FIELD * Math.PI) / 360)
    const centre = view.centre + view.span / 2 - span / 2 + (span - view.span) * 0.28
    camera.position.set(0, centre + 0.03, distance)
    camera.lookAt(0, centre, 0)
    camera.setViewOffset(width, height, -frame.shift * width, 0, width, height)
    camera.updateProjectionMatrix()
  }

  update(dt: number): void {
    if (this.pose) this.stand(this.pose)
    const { x, y, z } = this.camera.position
    this.target.position.set(x + this.look.x * 1.1, y + this.look.y * 0.6, Math.min(z, 3))
    this.vrm.update(dt)
    if (this.morphs.found) this.morphs.set(this.mix)
    this.renderer.render(this.scene, this.camera)
  }

  /** Draw her head as she stands, from the front, into a square picture; the stage's is drawn anew by the next update. */
  portrait(g: CanvasRenderingContext2D, size: number): void {
    const { renderer, canvas, head } = this
    const [ratio, stage] = [renderer.getPixelRatio(), renderer.getSize(new Vector2())]
    const span = (this.manifest.camera.bust?.span ?? 0.56) * 0.56
    const eye = new PerspectiveCamera(FIELD, 1, 0.05, 20)
    eye.position.set(head.x, head.y + span * 0.3, head.z + span / 2 / Math.tan((FIELD * Math.PI) / 360))
    renderer.setPixelRatio(1)
    renderer.setSize(3 * size, 3 * size, false)
    if (this.pose) this.stand(this.pose)
    this.target.position.copy(eye.position)
    this.vrm.update(0)
    renderer.render(this.scene, eye)
    g.imageSmoothingQuality = 'high'
    g.drawImage(canvas, 0, 0, size, size)
    renderer.setPixelRatio(ratio)
    renderer.setSize(stage.x, stage.y, false)
  }

  dispose(): void {
    VRMUtils.deepDispose(this.vrm.scene)
    this.renderer.dispose()
  }

  private stand({ head, spine, breath, sway, shrug, left, right }: Pose): void {
    this.turn('hips', 0, 0.02 * sway, -0.012 * sway)
    this.turn('spine', spine[0] * 0.6, spine[1] * 0.5, -spine[2] * 0.5 + 0.006 * sway)
    this.turn('chest', spine[0] * 0.4 - 0.012 * breath, spine[1] * 0.5, -spine[2] * 0.5)
    this.turn('neck', head[0] * 0.4, head[1] * 0.4, -head[2] * 0.4)
    this.turn('head', head[0] * 0.6, head[1] * 0.6, -head[2] * 0.6)
    const rise = 0.22 * shrug + 0.012 * breath
    this.turn('leftShoulder', 0, 0, rise)
    this.turn('rightShoulder', 0, 0, -rise)
    this.arm('left', left)
    this.arm('right', right)
  }

  private arm(side: Side, reach: Reach): void {
    const { upper, lower, hand } = bend(side, reach, this.build)
    this.place(`${side}UpperArm`, upper)
    this.place(`${side}LowerArm`, lower)
    this.place(`${side}Hand`, hand)
    this.hands[side].set(reach.grip)
  }

  private turn(bone: string, x: number, y: number, z: number): void {
    this.bone(bone)?.rotation.set(x * this.flip, y, z * this.flip)
  }

  private place(bone: string, [x, y, z, w]: Quat): void {
    this.bone(bone)?.quaternion.set(x * this.flip, y, z * this.flip, w)
  }

  private bone(name: string): Object3D | null {
    return this.vrm.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName)
  }
}

/** The build of a model's arms; the usual one where bones are missing. */
function measured(vrm: VRM): Build {
  vrm.scene.updateMatrixWorld(true)
  const at = (name: VRMHumanBoneName): Vec | null => vrm.humanoid.getRawBoneNode(name)?.getWorldPosition(new Vector3()).toArray() ?? null
  const [shoulder, elbow, wrist] = [at('leftUpperArm'), at('leftLowerArm'), at('leftHand')]
  if (!shoulder || !elbow || !wrist) return BUILD
  const upper = Math.hypot(elbow[0] - shoulder[0], elbow[1] - shoulder[1], elbow[2] - shoulder[2])
  const lower = Math.hypot(wrist[0] - elbow[0], wrist[1] - elbow[1], wrist[2] - elbow[2])
  const whole = upper + lower
  return whole > 0 ? { half: Math.abs(shoulder[0]) / whole, upper: upper / whole, lower: lower / whole } : BUILD
}

/** A view at `share` of its extent with the same air above the head: half a body nearer, since it is the face one talks
 * to; a bust from a little farther, so that a waving hand is in the picture. */
function nearer({ centre, span }: View, share: number): View {
  return { centre: centre + (span * (1 - share)) / 2, span: span * share }
}

/** Expressions that mouth, lids and gaze move by themselves. */
const BUSY = new Set(['aa', 'ih', 'ou', 'ee', 'oh', 'blink', 'blinkLeft', 'blinkRight', 'lookUp', 'lookDown', 'lookLeft', 'lookRight'])

/** Outline passes are meshes' second materials: leaving them out saves half the fragments. */
function outline(each: Object3D, on: boolean): void {
  const materials = (each as Mesh).material
  if (!Array.isArray(materials)) return
  for (const material of materials) if (material instanceof MToonMaterial && material.isOutline) material.visible = on
}
