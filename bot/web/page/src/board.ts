// What people ask: the board everybody sees, and what the operator makes of it.
import { signal } from '@preact/signals'
import { t } from './i18n.ts'
import type { Change, Faq, Hot, PageFrame, ServerFrame, Unanswered } from './wire.ts'

/** An entry for the FAQ being written; other wordings one a line. */
export interface Writing {
  id: string
  q: string
  also: string
  a: string
}

/** Questions shown before anything was said. */
export const FIRST = 4
/** A server that says nothing for so long says nothing more. */
const PATIENCE_MS = 60_000

export class Board {
  readonly items = signal<Hot['items']>([])
  /** Null for everybody but the operator. */
  readonly operator = signal<Hot['operator']>(null)
  readonly open = signal(false)
  /** What is being written; it outlives a board that is closed by mistake. */
  readonly writing = signal<Writing | null>(null)
  /** What stood there before a draft came. */
  readonly before = signal<Writing | null>(null)
  /** What the server has been asked for. */
  readonly busy = signal<'' | 'draft' | 'save'>('')
  /** A word to the operator. */
  readonly notice = signal<{ text: string; bad: boolean } | null>(null)
  private wanted = false
  private patience: unknown

  constructor(
    private readonly send: (frame: PageFrame) => boolean,
    private readonly later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
    private readonly never: (timer: unknown) => void = (timer) => clearTimeout(timer as number),
  ) {}

  /** Have the board from now on, after every reconnect as well. */
  want(): void {
    this.wanted = true
    this.send({ type: 'hot' })
  }

  /** Take any frame of the server. */
  take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.rest()
        if (this.wanted) this.send({ type: 'hot' })
        break
      case 'hot':
        this.items.value = frame.items ?? []
        this.operator.value = frame.operator ?? null
        break
      case 'faq_draft':
        this.drafted(frame.id, frame)
        break
      case 'faq_saved':
        this.saved(frame.id, frame.ok, frame.notice)
    }
  }

  /** Change what everybody sees. */
  change(id: string, change: Change, more: { text?: string; into?: string } = {}): void {
    this.notice.value = null
    if (!this.send({ type: 'hot_edit', id, do: change, ...more })) this.offline()
  }

  /** Begin an entry for the FAQ, from its draft where there is one. */
  write(question: Unanswered): void {
    this.notice.value = this.before.value = null
    const draft = typeof question.draft === 'string' ? { a: question.draft } : (question.draft ?? {})
    this.writing.value = { id: question.id, q: draft.q || question.text, also: (draft.also ?? []).join('\n'), a: draft.a ?? '' }
  }

  /** Ask for a draft. */
  draft(): void {
    const id = this.writing.value?.id
    this.notice.value = null
    if (!id || this.busy.value) return
    if (!this.send({ type: 'faq_draft', id })) return this.offline()
    this.wait('draft', 'noDraft')
  }

  /** Take back a draft. */
  undraft(): void {
    this.writing.value = this.before.value ?? this.writing.value
    this.before.value = null
  }

  /** Keep what was written. */
  save(): void {
    const now = this.writing.value
    this.notice.value = null
    if (!now?.q.trim() || !now.a.trim() || this.busy.value) return
    const also = now.also.split('\n').map((each) => each.trim()).filter(Boolean)
    if (!this.send({ type: 'faq_save', id: now.id, q: now.q.trim(), also, a: now.a.trim() })) return this.offline()
    this.wait('save', 'notSaved')
  }

  /** Leave the form. */
  leave(): void {
    this.rest()
    this.writing.value = this.before.value = this.notice.value = null
  }

  private drafted(id: string, draft: Faq): void {
    const now = this.writing.value
    if (now?.id !== id || this.busy.value !== 'draft') return
    this.rest()
    if (!draft.a) return this.tell(t('noDraft'), true)
    if (now.a.trim()) this.before.value = now
    this.writing.value = { id, q: draft.q || now.q, also: draft.also?.length ? draft.also.join('\n') : now.also, a: draft.a }
  }

  private saved(id: string, ok: boolean, notice: string): void {
    if (this.writing.value?.id !== id) return
    this.rest()
    if (ok) this.leave()
    this.tell(notice || t(ok ? 'faqSaved' : 'notSaved'), !ok)
  }

  private wait(busy: 'draft' | 'save', otherwise: 'noDraft' | 'notSaved'): void {
    this.busy.value = busy
    this.patience = this.later(() => {
      this.rest()
      this.tell(t(otherwise), true)
    }, PATIENCE_MS)
  }

  private rest(): void {
    this.never(this.patience)
    this.busy.value = ''
  }

  private offline(): void {
    this.tell(t('offline'), true)
  }

  private tell(text: string, bad: boolean): void {
    this.notice.value = { text, bad }
  }
}
