// The wardrobe: the operator tries looks on her and keeps one; she is seen in each while it is chosen.
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { both, t } from '../i18n.ts'
import type { Visit } from '../visit.ts'
import type { Both } from '../wire.ts'
import { Icon } from './icons.tsx'

type Values = Record<string, string>
type Parameter = Both & { name: string; kind: 'colour' | 'choice'; choices: (Both & { name: string })[] }

interface Shown {
  parameters: Parameter[]
  looks: Record<string, Both & { values: Values }>
  look: Values
  vrm: string
}

/** She is drawn when nothing was changed for this long. */
const SETTLED_MS = 300

export function Wardrobe({ visit }: { visit: Visit }) {
  const shown = useSignal<Shown | null>(null)
  const values = useSignal<Values>({})
  const drawing = useSignal(false)
  const timer = useRef(0)
  const leave = () => {
    visit.dressing.value = false
  }
  useEffect(() => {
    fetch('/look')
      .then(async (answer) => {
        if (!answer.ok) throw new Error(String(answer.status))
        shown.value = await answer.json()
        values.value = shown.value!.look
      })
      .catch(() => {
        visit.tell(t('noLook'))
        leave()
      })
    return () => clearTimeout(timer.current)
  }, [])
  const choose = (next: Values) => {
    values.value = next
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void tryOn(), SETTLED_MS) as unknown as number
  }
  const tryOn = async () => {
    drawing.value = true
    const answer = await send('POST', values.value)
    drawing.value = false
    if (answer.ok) await visit.stage.value?.dress((await answer.json()).avatar)
    else visit.tell((await answer.text()) || t('noLook'))
  }
  const keep = async () => {
    const answer = await send('PUT', values.value)
    visit.tell(answer.ok ? t('dressed') : (await answer.text()) || t('noLook'))
    if (answer.ok) leave()
  }
  const undo = () => {
    void visit.stage.value?.dress(visit.chat.welcome.value?.avatar ?? '')
    leave()
  }
  const all = shown.value
  if (!all) return null
  return (
    <form
      class="wardrobe"
      aria-label={t('dress')}
      onSubmit={(event) => {
        event.preventDefault()
        void keep()
      }}
    >
      <div class="looks" role="group" aria-label={t('dress')}>
        {Object.entries(all.looks).map(([name, look]) => (
          <button key={name} type="button" aria-pressed={same(look.values, values.value)} onClick={() => choose(look.values)}>
            <i style={{ background: `linear-gradient(${look.values['hair']} 0 40%, ${look.values['eyes']} 40% 60%, ${look.values['cardigan']} 60%)` }} />
            {both(look)}
          </button>
        ))}
      </div>
      <div class="cuts">
        {all.parameters.map((each) =>
          each.kind === 'choice' ? (
            <label key={each.name}>
              {both(each)}
              <select value={values.value[each.name]} onChange={(event) => choose({ ...values.value, [each.name]: event.currentTarget.value })}>
                {each.choices.map((choice) => (
                  <option key={choice.name} value={choice.name}>
                    {both(choice)}
                  </option>
                ))}
              </select>
            </label>
          ) : (
            <label key={each.name}>
              {both(each)}
              <input type="color" value={values.value[each.name]} onInput={(event) => choose({ ...values.value, [each.name]: event.currentTarget.value })} />
            </label>
          ),
        )}
      </div>
      <div class="keep" role="status">
        <span>{drawing.value ? t('trying') : ''}</span>
        <button type="button" class="pill" onClick={undo}>
          {t('undo')}
        </button>
        <button type="submit" class="pill" disabled={drawing.value || all.vrm !== ''}>
          <Icon name="dress" />
          {t('wear')}
        </button>
      </div>
    </form>
  )
}

function send(method: string, look: Values): Promise<Response> {
  return fetch('/look', { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ look }) })
}

function same(one: Values, other: Values): boolean {
  return Object.entries(one).every(([name, value]) => other[name] === value)
}
