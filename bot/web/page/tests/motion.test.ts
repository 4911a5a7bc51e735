import { expect, test } from 'vitest'
import { lid } from '../src/body/blinking.ts'
import type { Pose } from '../src/body/driver.ts'
import { Feeling } from '../src/body/feeling.ts'
import { GESTURES, Gestures, posed } from '../src/body/gestures.ts'
import { Life, type Mood } from '../src/body/life.ts'
import { BUILD, bend, place, type Side } from '../src/body/reach.ts'
import { OPEN } from '../src/body/grip.ts'
import { turned } from '../src/body/vector.ts'
import { MouthTrack } from '../src/track.ts'
import type { VisemeSpan } from '../src/wire.ts'

const FRAME = 1 / 60
const SIDES: readonly Side[] = ['left', 'right']

/** A random that is the same in every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function numbers(pose: Pose): number[] {
  return [...pose.head, ...pose.spine, pose.shrug, ...pose.left.at, ...pose.left.hand, ...pose.right.at, ...pose.right.hand]
}

function apart(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, at) => Math.abs(value - b[at]!)))
}

/** Poses of some seconds, one a frame. */
function lived(life: Life, seconds: number, mood: Mood = 'idle'): Pose[] {
  life.mood = mood
  return Array.from({ length: Math.round(seconds / FRAME) }, () => life.step(FRAME))
}

test('every gesture of the plan is there', () => {
  expect([...GESTURES].sort()).toEqual(['bow', 'clap', 'heart', 'nod', 'point', 'present_left', 'present_right', 'shake', 'shrug', 'think', 'wave'])
})

test.each(GESTURES)('%s ends where it began, and shows in between', (name) => {
  const middle = [0.3, 0.45, 0.6].map((t) => posed(name, t))
  for (const t of [0, 1]) {
    const limbs = posed(name, t)
    expect(apart([...limbs.head, ...limbs.spine, limbs.shrug, limbs.lids, limbs.left?.share ?? 0, limbs.right?.share ?? 0], new Array(10).fill(0))).toBeLessThan(1e-6)
  }
  expect(middle.some((limbs) => apart(limbs.head, [0, 0, 0]) > 0.02 || (limbs.left?.share ?? 0) > 0.5)).toBe(true)
})

test.each(GESTURES)('%s moves without a jump', (name) => {
  const life = new Life(dice(7))
  lived(life, 1)
  life.gestures.begin(name, 1)
  const poses = lived(life, 4).map(numbers)
  for (let i = 1; i < poses.length; i++) expect(apart(poses[i]!, poses[i - 1]!)).toBeLessThan(0.16)
})

test('a gesture that interrupts another begins from where the hands are', () => {
  for (const first of GESTURES) {
    for (const second of GESTURES) {
      if (first === second) continue
      const life = new Life(dice(3))
      lived(life, 0.5)
      life.gestures.begin(first, 1)
      let last = numbers(lived(life, 0.9).at(-1)!)
      life.gestures.begin(second, 1)
      for (const pose of lived(life, 1).map(numbers)) {
        expect(apart(pose, last), `${first} → ${second}`).toBeLessThan(0.2)
        last = pose
      }
    }
  }
})

test('a gesture is stronger with its intensity', () => {
  const reach = (k: number) => Math.max(...Array.from({ length: 100 }, (_, i) => Math.abs(posed('shake', i / 100, k).head[1])))
  expect(reach(1)).toBeGreaterThan(1.8 * reach(0.5))
})

test('unknown gestures are left out, the one going on is not begun again', () => {
  const gestures = new Gestures()
  for (const name of ['explode', 'constructor', 'hair']) gestures.begin(name, 1)
  expect(gestures.busy).toBe(false)
  gestures.begin('wave', 1)
  gestures.step(1)
  const before = gestures.step(0).right!.share
  gestures.begin('wave', 1)
  expect(gestures.step(0).right!.share).toBe(before)
  expect(gestures.name).toBe('wave')
})

test('an arm reaches its place with bones of their own length, and the hand points as asked', () => {
  for (const side of SIDES) {
    const s = side === 'left' ? 1 : -1
    const reach = place(side, [s * 0.4, 0.1, 0.4], [s * 0.5, -1, 0], [0, 1, 0.2], [0, -0.2, 1], OPEN)
    const arm = bend(side, reach, BUILD)
    expect(apart(arm.wrist, reach.at)).toBeLessThan(1e-9)
    expect(Math.hypot(...arm.elbow.map((value, at) => value - arm.shoulder[at]!))).toBeCloseTo(BUILD.upper, 9)
    expect(Math.hypot(...arm.elbow.map((value, at) => value - arm.wrist[at]!))).toBeCloseTo(BUILD.lower, 9)
    // The turns of the bones lead to the same places as the geometry.
    const along = turned(arm.upper, [s * BUILD.upper, 0, 0])
    expect(apart(along.map((value, at) => value + arm.shoulder[at]!), arm.elbow)).toBeLessThan(1e-9)
    const length = Math.hypot(1, 0.2)
    expect(apart(turned(arm.whole, [s, 0, 0]), [0, 1 / length, 0.2 / length])).toBeLessThan(1e-9)
    expect(apart(turned(arm.whole, [0, -1, 0]), [0, -0.2 / length, 1 / length])).toBeLessThan(1e-9)
  }
})

test('a place out of reach stretches the arm towards it', () => {
  const arm = bend('left', { ...place('left', [0.5, 0, 0.2], [0, -1, 0], [1, 0, 0], [0, -1, 0], OPEN), at: [3, 0, 0] }, BUILD)
  expect(arm.wrist[0]).toBeGreaterThan(1.2)
  expect(arm.wrist[0]).toBeLessThan(1.25)
})

test('hands never go into the chest', () => {
  for (const name of GESTURES) {
    const life = new Life(dice(11))
    life.gestures.begin(name, 1)
    for (const pose of lived(life, 3)) {
      for (const side of SIDES) {
        const [x, y, z] = pose[side].at
        if (Math.abs(x) < 0.3 && y > -0.9 && y < -0.1) expect(z, `${name} ${side}`).toBeGreaterThan(0.22)
      }
    }
  }
})

test('lids fall faster than they rise, and one runs a little before the other', () => {
  const fall = [...Array(400).keys()].findIndex((ms) => lid(ms / 1000) >= 0.99)
  const end = [...Array(400).keys()].findLastIndex((ms) => lid(ms / 1000) > 0.01)
  const open = [...Array(400).keys()].findLastIndex((ms) => lid(ms / 1000) >= 0.99)
  expect(end - open).toBeGreaterThan(1.8 * fall)
  const poses = lived(new Life(dice(5)), 20)
  expect(poses.some(({ lids }) => lids[0] === 1)).toBe(true)
  expect(poses.some(({ lids }) => Math.abs(lids[0] - lids[1]) > 0.02)).toBe(true)
})

test('now and then she blinks twice', () => {
  const shut = lived(new Life(dice(2)), 180).map(({ lids }) => lids[0] > 0.5)
  const starts = shut.flatMap((now, at) => (now && !shut[at - 1] ? [at * FRAME] : []))
  const rests = starts.slice(1).map((at, i) => at - starts[i]!)
  expect(starts.length).toBeGreaterThan(30)
  expect(rests.some((rest) => rest < 0.6)).toBe(true)
  expect(rests.some((rest) => rest > 2)).toBe(true)
})

test('idle never repeats within five minutes, and never stands still', () => {
  const poses = lived(new Life(dice(9)), 300).map(numbers)
  const window = 5 / FRAME
  const seen = Array.from({ length: 60 }, (_, i) => poses.slice(i * window, (i + 1) * window))
  for (let a = 0; a < seen.length; a++) {
    const spread = Math.max(...seen[a]!.map((pose) => apart(pose, seen[a]![0]!)))
    expect(spread).toBeGreaterThan(0.01)
    for (let b = a + 1; b < seen.length; b++) {
      const likest = Math.max(...seen[a]!.filter((_, at) => at % 10 === 0).map((pose, at) => apart(pose, seen[b]![at * 10]!)))
      expect(likest).toBeGreaterThan(0.01)
    }
  }
})

test('idle brings her own small acts, and none while she listens', () => {
  const life = new Life(dice(4))
  lived(life, 1)
  let acts = 0
  for (let i = 0; i < 300 / FRAME; i++) {
    const before = life.gestures.busy
    life.step(FRAME)
    if (!before && life.gestures.busy) acts++
  }
  expect(acts).toBeGreaterThan(3)
  lived(life, 6, 'listening')
  for (let i = 0; i < 120 / FRAME; i++) {
    life.step(FRAME)
    expect(life.gestures.busy).toBe(false)
  }
})

test('reduced motion calms her', () => {
  const extent = (calm: boolean) => {
    const life = new Life(dice(6))
    life.calm = calm
    const poses = lived(life, 120).map(numbers)
    return Math.max(...poses.map((pose) => apart(pose, poses[0]!)))
  }
  expect(extent(true)).toBeLessThan(0.4 * extent(false))
})

test('she meets your eyes more while listening and looks away to think', () => {
  const contact = (mood: Mood) => {
    const life = new Life(dice(8))
    life.mood = mood
    let met = 0
    for (let i = 0; i < 120 / FRAME; i++) {
      life.step(FRAME)
      if (Math.hypot(life.gazing.at.x, life.gazing.at.y) < 0.15) met++
    }
    return met / (120 / FRAME)
  }
  expect(contact('listening')).toBeGreaterThan(contact('idle'))
  expect(contact('thinking')).toBeLessThan(0.35)
})

test('a long thought brings the hand to the chin, the answer takes it away', () => {
  const life = new Life(dice(8))
  expect(lived(life, 1.5, 'thinking').at(-1)!.right.at[1]).toBeLessThan(-0.8)
  expect(lived(life, 5, 'thinking').at(-1)!.right.at[1]).toBeGreaterThan(-0.2)
  expect(lived(life, 4, 'idle').at(-1)!.right.at[1]).toBeLessThan(-0.8)
})

/** Twelve seconds of speech: syllables of uneven strength, a pause after every eighth. */
function speech(): MouthTrack {
  const spans: VisemeSpan[] = []
  let at = 0
  for (let i = 0; i < 48; i++) {
    spans.push(['DD', at, 60, 1], ['aa', at + 60, 130, i % 3 ? 0.6 : 1])
    at += 190 + (i % 8 === 7 ? 400 : 0)
  }
  const track = new MouthTrack()
  track.replace(0, spans)
  return track
}

function spoken(seed: number): { poses: Pose[]; borders: number } {
  const life = new Life(dice(seed))
  const track = speech()
  life.mood = 'speaking'
  let borders = 0
  const poses = Array.from({ length: Math.round(11 / FRAME) }, (_, i) => {
    life.rhythm.step({ track, ms: i * FRAME * 1000 })
    if (life.rhythm.border) borders++
    return life.step(FRAME)
  })
  return { poses, borders }
}

test('stresses move head and hands, alike for the same dice', () => {
  const { poses, borders } = spoken(12)
  expect(borders).toBe(5)
  expect(Math.max(...poses.map((pose) => Math.max(pose.left.at[1], pose.right.at[1])))).toBeGreaterThan(-0.7)
  expect(spoken(12).poses.map(numbers)).toEqual(poses.map(numbers))
  const steps = poses.map(numbers)
  for (let i = 1; i < steps.length; i++) expect(apart(steps[i]!, steps[i - 1]!)).toBeLessThan(0.16)
})

test('another face waits for open eyes, is held while she speaks, and fades', () => {
  const life = new Life(dice(1))
  const feeling = new Feeling(life.blinking)
  life.blinking.soon()
  while (life.blinking.open) life.blinking.step(FRAME)
  feeling.show('happy', { happy: 1 }, 0.8)
  expect(feeling.name).toBe('happy')
  expect(feeling.step(FRAME, true, 0)['happy'] ?? 0).toBe(0)
  const weights = Array.from({ length: 300 }, () => {
    life.blinking.step(FRAME)
    return feeling.step(FRAME, true, 0)['happy'] ?? 0
  })
  expect(weights.at(-1)).toBeCloseTo(0.8, 2)
  for (let i = 1; i < weights.length; i++) expect(weights[i]! - weights[i - 1]!).toBeLessThan(0.1)
  for (let i = 0; i < 12 / FRAME; i++) feeling.step(FRAME, false, 0)
  expect(feeling.name).toBe('')
  expect(feeling.step(FRAME, false, 0)['happy'] ?? 0).toBeLessThan(0.01)
})

test('a mouth that talks has more say than a smile', () => {
  const feeling = new Feeling(new Life(dice(1)).blinking)
  feeling.show('happy', { happy: 1 }, 1)
  for (let i = 0; i < 200; i++) feeling.step(FRAME, true, 0)
  expect(feeling.step(FRAME, true, 1)['happy']).toBeLessThan(0.6)
})
