// One thing said: her reply with its voice, or what the visitor said.
import { useSignal } from '@preact/signals'
import type { Growing, Mine } from '../chat.ts'
import { both, t, tongue } from '../i18n.ts'
import { markdown } from '../markdown.ts'
import type { Visit } from '../visit.ts'
import type { Entry, Part, VoicePart } from '../wire.ts'
import { Icon } from './icons.tsx'
import { type Enlarge, Photos } from './photos.tsx'
import { Portrait } from './portrait.tsx'
import { Cards, Excerpt, numbers, type Reading } from './sources.tsx'

interface ReplyProps {
  visit: Visit
  text: string
  turn: string
  entry?: Entry
  growing?: Growing
  /** Without voice, rating and label under it. */
  plain?: boolean
  enlarge?: Enlarge
}

/** Her reply: growing while there is no entry yet, then whole. */
export function Reply({ visit, text, turn, entry, growing, plain, enlarge }: ReplyProps) {
  const reading = useSignal<Reading | null>(null)
  const read = (next: Reading) => (reading.value = next)
  const sources = entry?.sources ?? growing?.sources ?? []
  const cut = entry?.state === 'stopped'
  return (
    <article class={`bubble hers${plain ? ' greeting' : entry ? '' : ' growing'}`}>
      <Portrait visit={visit} />
      <div class="words">
        {text.trim() && (
          <div class="text" lang={tongue(text)}>
            {markdown(text, numbers(sources, read))}
            {cut && <span class="cut">{t('interrupted')}</span>}
          </div>
        )}
        <Photos visit={visit} parts={entry?.parts ?? growing?.pictures ?? []} made={entry?.author !== 'operator'} enlarge={enlarge} />
        <Doing growing={growing} />
        {entry && <Cards sources={sources} read={read} />}
        {!plain && <Foot visit={visit} turn={turn} entry={entry} />}
      </div>
      {reading.value && <Excerpt reading={reading.value} close={() => (reading.value = null)} />}
    </article>
  )
}

/** What she is about while it takes its time. */
export function Doing({ growing }: { growing: Growing | null | undefined }) {
  const tool = growing?.tools.at(-1)
  return tool ? (
    <p class="doing">
      <i />
      {both(tool)}
    </p>
  ) : null
}

/** Voice, rating and label under a reply. */
function Foot({ visit, turn, entry }: { visit: Visit; turn: string; entry: Entry | undefined }) {
  const sounding = visit.sounds({ turn, ...(entry && { entry: entry.entry }) })
  const seconds = entry?.utterances.reduce((sum, each) => sum + (each.media ? each.seconds : 0), 0) ?? 0
  const rate = (rating: number) => () => entry && visit.rate(entry, rating)
  return (
    <footer class="foot">
      {(seconds > 0 || sounding) && (
        <button
          type="button"
          class={sounding ? 'voice sounding' : 'voice'}
          aria-label={sounding ? t('playing') : t('play', Math.ceil(seconds))}
          onClick={() => (entry && seconds > 0 ? void visit.replay(entry) : visit.stop())}
        >
          {sounding ? <Waves /> : <Icon name="play" />}
          {seconds > 0 && <span aria-hidden="true">{Math.ceil(seconds)}″</span>}
        </button>
      )}
      {entry?.label && <span class="label">{t('made')}</span>}
      {entry?.author === 'operator' && <span class="label">{t('operator')}</span>}
      {entry?.author === 'persona' && (
        <span class="rating">
          <button type="button" class="plain" aria-label={t('good')} title={t('good')} aria-pressed={entry.rating > 0} onClick={rate(1)}>
            <Icon name="good" />
          </button>
          <button type="button" class="plain" aria-label={t('bad')} title={t('bad')} aria-pressed={entry.rating < 0} onClick={rate(-1)}>
            <Icon name="bad" />
          </button>
        </span>
      )}
    </footer>
  )
}

function Waves() {
  return (
    <span class="waves" aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </span>
  )
}

interface SaidProps {
  visit: Visit
  text: string
  parts?: Part[]
  /** Addresses of pictures that are still on their way. */
  previews?: string[]
  mine?: Mine
  enlarge: Enlarge
}

/** What the visitor said. */
export function Said({ visit, text, parts, previews, mine, enlarge }: SaidProps) {
  return (
    <article class="bubble mine" aria-label={t('you')}>
      <div class="words">
        {previews?.map((url) => (
          <button key={url} type="button" class="photo" aria-label={t('picked')} onClick={() => enlarge(url)}>
            <img src={url} alt="" />
          </button>
        ))}
        <Photos visit={visit} parts={parts ?? []} enlarge={enlarge} />
        {parts?.map((part) => part.type === 'voice' && part.media && <Note key={part.media} visit={visit} note={part} />)}
        {text && (
          <div class="line">
            {mine && <Fate visit={visit} mine={mine} />}
            <div class="text" lang={tongue(text)}>
              {text}
            </div>
          </div>
        )}
        {!text && mine && <Fate visit={visit} mine={mine} />}
        {mine?.state === 'failed' && <p class="why">{mine.notice || t('failed')}</p>}
      </div>
    </article>
  )
}

/** Whether it is still on its way, or came back. */
function Fate({ visit, mine }: { visit: Visit; mine: Mine }) {
  if (mine.state === 'sending') return <span class="sending" role="img" aria-label={t('sending')} />
  if (mine.state === 'sent') return null
  return (
    <button type="button" class="again" aria-label={`${mine.notice || t('failed')} ${t('resend')}`} title={t('resend')} onClick={() => visit.resend(mine)}>
      !
    </button>
  )
}

/** Her ear wrote it down: what was said can be heard again. */
function Note({ visit, note }: { visit: Visit; note: VoicePart }) {
  const play = async () => {
    try {
      await new Audio(await visit.media.url(note.media, note.mime)).play()
    } catch {
      visit.tell(t('noSound'))
    }
  }
  return (
    <button type="button" class="note" aria-label={t('note', Math.ceil(note.seconds))} onClick={() => void play()}>
      <Icon name="mic" />
      <span aria-hidden="true">{Math.ceil(note.seconds)}″</span>
    </button>
  )
}

/** She is about to say something. */
export function Typing({ visit, growing }: { visit: Visit; growing: Growing | null }) {
  return (
    <div class="bubble hers typing" aria-hidden="true">
      <Portrait visit={visit} />
      <div class="words">
        <div class="text dots">
          <i />
          <i />
          <i />
        </div>
        <Doing growing={growing} />
      </div>
    </div>
  )
}
