import { expect, test } from 'vitest'
import { HEIGHT, Presence, RATE, WIDTH } from '../src/presence.ts'

/** A hall before a camera: a wall, a floor, a door, light and the noise of a cheap sensor. */
class Hall {
  readonly detector = new Presence()
  light = 1
  /** Where somebody's middle stands, 0…1; null for nobody. */
  person: number | null = null
  /** How bright somebody's clothes are. */
  clothes = 60
  sway = true
  box = false
  now = 0
  private seed = 7

  private random(): number {
    this.seed = (this.seed * 16807) % 2147483647
    return this.seed / 2147483647
  }

  frame(): Uint8Array {
    const grey = new Uint8Array(WIDTH * HEIGHT)
    const sway = this.sway ? Math.sin(this.now * 2) * 0.8 : 0
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        let level = y > 36 ? 90 : 150 - y
        if (x > 44 && x < 56 && y > 8) level = 70
        if (this.box && x > 4 && x < 20 && y > 26) level = 30
        if (this.person !== null) {
          const dx = Math.abs(x - this.person * WIDTH - sway)
          if (y > 8 && y <= 18 && dx < 4) level = 190
          if (y > 18 && dx < 8) level = this.clothes
        }
        grey[y * WIDTH + x] = Math.max(0, Math.min(255, level * this.light + (this.random() - 0.5) * 8))
      }
    }
    return grey
  }

  /** Let the camera look for some seconds; what it says at the end, and all it said. */
  look(seconds: number, each: (share: number) => void = () => undefined): { present: boolean; said: boolean[] } {
    const said: boolean[] = []
    const frames = Math.round(seconds * RATE)
    for (let i = 0; i < frames; i++) {
      each(i / frames)
      said.push(this.detector.see(this.frame(), this.now))
      this.now += 1 / RATE
    }
    return { present: said.at(-1)!, said }
  }
}

function hall(): Hall {
  const here = new Hall()
  expect(here.look(4).said).not.toContain(true)
  return here
}

test('somebody comes, stands still for half a minute, and leaves', () => {
  const here = hall()
  const coming = here.look(3, (share) => {
    here.person = -0.2 + share * 0.7
  })
  expect(coming.present).toBe(true)
  here.sway = false
  expect(here.look(30).said).not.toContain(false)
  here.look(2, (share) => {
    here.person = 0.5 + share * 0.8
  })
  here.person = null
  expect(here.look(4).present).toBe(false)
  expect(here.look(30).said).not.toContain(true)
})

test('somebody who stays for ten minutes stays somebody', () => {
  const here = hall()
  here.person = 0.5
  here.look(2)
  expect(here.look(600).said).not.toContain(false)
})

test.each([
  ['on', 0.25, 1],
  ['off', 1, 0.25],
])('a lamp switched %s is nobody', (_, before, after) => {
  const here = new Hall()
  here.light = before
  here.look(4)
  here.light = after
  expect(here.look(20).said).not.toContain(true)
})

test('dusk and clouds are nobody, and somebody in the dusk is seen', () => {
  const here = hall()
  const dusk = here.look(120, (share) => {
    here.light = 1 - share * 0.5 + 0.1 * Math.sin(share * 40)
  })
  expect(dusk.said).not.toContain(true)
  here.person = 0.4
  here.clothes = 160
  expect(here.look(2).present).toBe(true)
})

test('who switches the lamp on stays seen while they move', () => {
  const here = new Hall()
  here.light = 0.4
  here.look(4)
  here.person = 0.5
  here.look(3)
  here.light = 1
  expect(here.look(4).said).not.toContain(false)
})

test('a box that was put down becomes furniture, and people are seen before and after', () => {
  const here = hall()
  here.person = 0.2
  expect(here.look(3).present).toBe(true)
  here.person = null
  here.box = true
  expect(here.look(240).present).toBe(false)
  here.person = 0.6
  expect(here.look(2).present).toBe(true)
})

test('noise and a fly are nobody', () => {
  const here = hall()
  const detector = here.detector
  for (let i = 0; i < 100; i++) {
    const frame = here.frame()
    for (let j = 0; j < 40; j++) frame[(i * 997 + j * 331) % frame.length] = 255
    for (const at of [0, 1, 64, 65]) frame[(i * 3 + 700 + at) % frame.length] = 0
    expect(detector.see(frame, here.now)).toBe(false)
    here.now += 1 / RATE
  }
})
