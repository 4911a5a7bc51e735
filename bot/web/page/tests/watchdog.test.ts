import { beforeEach, expect, test } from 'vitest'
import { type Pulse, Watchdog } from '../src/modes/watchdog.ts'
import { fakeStore } from './fakes.ts'

let now: number
let reachable: boolean
let reloads: number[]
let store: ReturnType<typeof fakeStore>
let dog: Watchdog

beforeEach(() => {
  now = 0
  reachable = true
  reloads = []
  store = fakeStore()
  dog = fresh()
})

/** A page that was just loaded. */
function fresh(): Watchdog {
  return new Watchdog({
    now: () => now,
    store,
    reachable: async () => reachable,
    reload: () => {
      reloads.push(now)
      dog = fresh()
    },
  })
}

async function pass(seconds: number, alive: Pulse[], idle = false): Promise<void> {
  for (let i = 0; i < seconds / 5; i++) {
    now += 5
    for (const pulse of alive) dog.beat(pulse)
    await dog.look(idle)
  }
}

test('what lives is left alone', async () => {
  await pass(3600, ['picture', 'line'])
  expect(reloads).toEqual([])
})

test.each<[string, Pulse[]]>([
  ['picture', ['line']],
  ['line', ['picture']],
])('a dead %s is loaded anew after a minute', async (_, alive) => {
  await pass(60, alive)
  expect(reloads).toEqual([])
  await pass(10, alive)
  expect(reloads).toHaveLength(1)
})

test('what stays dead is tried less and less often', async () => {
  await pass(4 * 3600, ['picture'])
  const gaps = reloads.map((at, i) => at - (reloads[i - 1] ?? 0))
  expect(gaps.length).toBeLessThan(12)
  expect(gaps.slice(0, 4)).toEqual([65, 125, 245, 485])
  expect(Math.max(...gaps)).toBeLessThanOrEqual(3605)
})

test('a page that recovered is quick again', async () => {
  await pass(300, ['picture'])
  await pass(1000, ['picture', 'line'])
  expect(store.kept['reloads']).toBeUndefined()
})

test('without a server there is nothing to load', async () => {
  reachable = false
  await pass(600, ['picture'])
  expect(reloads).toEqual([])
  reachable = true
  await pass(5, ['picture'])
  expect(reloads).toHaveLength(1)
})

test('a day old, it is loaded anew when nobody is there', async () => {
  await pass(86_500, ['picture', 'line'])
  expect(reloads).toEqual([])
  await pass(5, ['picture', 'line'], true)
  expect(reloads).toHaveLength(1)
  await pass(3600, ['picture', 'line'], true)
  expect(reloads).toHaveLength(1)
})

test('a machine that slept did not die', async () => {
  await pass(60, ['picture', 'line'])
  now += 7200
  await dog.look(false)
  await pass(30, ['picture', 'line'])
  expect(reloads).toEqual([])
})
