// What the page remembers between visits; where the browser keeps nothing, for this visit only.
import type { Store } from './link.ts'

const PREFIX = 'zhiyin.'

/** A store of texts that never throws: private windows and blocked or full storage are no reason to break. */
export function remembered(open: () => Store = () => localStorage): Store {
  const here = new Map<string, string | null>()
  const attempt = <T>(use: (store: Store) => T): T | null => {
    try {
      return use(open())
    } catch {
      return null
    }
  }
  return {
    getItem: (key) => here.get(key) ?? (here.has(key) ? null : attempt((store) => store.getItem(PREFIX + key))),
    setItem(key, value) {
      here.set(key, value)
      attempt((store) => store.setItem(PREFIX + key, value))
    },
    removeItem(key) {
      here.set(key, null)
      attempt((store) => store.removeItem(PREFIX + key))
    },
  }
}
