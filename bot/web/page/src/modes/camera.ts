// The camera of a kiosk: its pictures are made tiny and grey, looked at, and let go; none of them leaves the page.
import { HEIGHT, Presence, RATE, WIDTH } from '../presence.ts'

const AGAIN_MS = 60_000

/** Tell whenever somebody comes or goes; null while there is no camera. One that is unplugged or busy is looked for again. */
export function watch(tell: (present: boolean | null) => void): void {
  const again = () => {
    tell(null)
    setTimeout(() => watch(tell), AGAIN_MS)
  }
  void open().then((video) => {
    if (video === 'forbidden') tell(null)
    else if (video) look(video, tell, again)
    else again()
  })
}

async function open(): Promise<HTMLVideoElement | 'forbidden' | null> {
  // Without TLS, on another machine, browsers have no camera at all.
  if (!navigator.mediaDevices) return 'forbidden'
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240, frameRate: { ideal: 10 } } })
    const video = document.createElement('video')
    video.muted = video.playsInline = true
    video.srcObject = stream
    await video.play()
    return video
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'forbidden' : null
  }
}

function look(video: HTMLVideoElement, tell: (present: boolean) => void, ended: () => void): void {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const g = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!
  const grey = new Uint8Array(WIDTH * HEIGHT)
  const detector = new Presence()
  let before: boolean | null = null
  const timer = setInterval(() => {
    if (video.readyState < 2) return
    g.drawImage(video, 0, 0, WIDTH, HEIGHT)
    const { data } = g.getImageData(0, 0, WIDTH, HEIGHT)
    for (let i = 0; i < grey.length; i++) grey[i] = (data[i * 4]! * 77 + data[i * 4 + 1]! * 150 + data[i * 4 + 2]! * 29) >> 8
    const present = detector.see(grey, performance.now() / 1000)
    if (present !== before) tell((before = present))
  }, 1000 / RATE)
  const [track] = (video.srcObject as MediaStream).getVideoTracks()
  track?.addEventListener('ended', () => {
    clearInterval(timer)
    video.srcObject = null
    ended()
  })
}
