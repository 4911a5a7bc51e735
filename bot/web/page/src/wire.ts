// The stage protocol `zhiyin.1` as the page reads and writes it (bot/web/PROTOCOL.md).

export const PROTOCOL = 'zhiyin.1'

/** One of the 15 Oculus mouth shapes with start ms, duration ms and weight. */
export type VisemeSpan = [name: string, start: number, duration: number, weight: number]

export interface Both {
  zh: string
  en: string
}

export interface Cursor {
  entry: number
  turn: string
  attempt: number
  piece: number
}

export interface TextPart {
  type: 'text'
  text: string
}
export interface PicturePart {
  type: 'picture'
  media: string
  mime: string
  width: number
  height: number
}
export interface VoicePart {
  type: 'voice'
  media: string
  mime: string
  seconds: number
  transcript: string
}
export interface FilePart {
  type: 'file'
  media: string
  mime: string
  name: string
  size: number
}
export type Part = TextPart | PicturePart | VoicePart | FilePart

export interface Utterance {
  text: string
  /** Where it begins in the display text, in code points. */
  start: number
  /** Content hash of its sound; empty when there is none. */
  media: string
  seconds: number
  visemes: VisemeSpan[]
}

export interface CueAt {
  name: string
  intensity: number
  at: number
}

/** Where something she said stands written. */
export interface Source {
  id: string
  /** Place in the reply's display text, in code points. */
  at: number
  /** The number it is shown by, the same for the same source; 0: not shown. */
  number: number
  file: string
  heading: string
  text: string
}

export interface Entry {
  type: 'entry'
  entry: number
  author: 'user' | 'persona' | 'operator' | 'system'
  state: string
  /** Unix time in seconds. */
  at: number
  id: string
  turn: string
  parts: Part[]
  rating: number
  heard: number | null
  utterances: Utterance[]
  cues: CueAt[]
  cites: { id: string; at: number }[]
  /** Of hers only, and of a server that knows them. */
  sources?: Source[]
  label: string
}

export interface Welcome {
  type: 'welcome'
  protocol: string
  visitor: string
  conversation: string
  /** `starters`: what she proposes to say first; of a server that knows them. */
  persona: { id: string; name: Both; greeting: Both; starters?: Record<keyof Both, string[]> }
  avatar: string
  notice: string
  /** Who opened the page may change things. */
  operator: boolean
  limits: { text: number; picture_mb: number }
  /** Whether she can hear a microphone. */
  ears: boolean
  more: boolean
}

/** What every frame of a turn carries. */
export interface OfTurn {
  turn: string
  attempt: number
  piece: number
}

export type Begin = OfTurn & { type: 'begin'; answers: number[]; voiced: boolean }
export type Words = OfTurn & { type: 'words'; text: string }
export type Line = OfTurn & { type: 'line'; line: number; text: string; start: number }
export type Cue = OfTurn & { type: 'cue'; name: string; intensity: number; at: number }
export type Cite = OfTurn & { type: 'cite' } & Source
/** What she is about besides talking. */
export type Tool = OfTurn & { type: 'tool'; name: string; state: 'running' | 'done' | 'failed' } & Both
/** A picture she made. */
export type Made = OfTurn & PicturePart
export type Word = OfTurn & { type: 'word'; line: number; text: string; start: number; duration: number; at: number }
export type Visemes = OfTurn & { type: 'visemes'; line: number; start: number; visemes: VisemeSpan[]; final: boolean }
export type Spoken = OfTurn & { type: 'spoken'; line: number; seconds: number; failed: boolean }
export type End = OfTurn & { type: 'end'; state: string; entry: Entry | null }
export type Sound = OfTurn & {
  type: 'sound'
  line: number
  codec: 'pcm' | 'mp3'
  rate: number
  start: number
  skip: number
  samples: number
  /** The payload of the binary frame. */
  bytes: Uint8Array
}
export type TurnFrame = Begin | Words | Line | Cue | Cite | Tool | Made | Word | Visemes | Spoken | End | Sound

/** How the hearing of the microphone goes. */
export interface Hearing {
  type: 'hearing'
  state: 'open' | 'speech' | 'writing' | 'said' | 'nothing' | 'deaf' | 'closed'
  text: string
  notice: string
}

/** A question many people ask. */
export interface Asked {
  id: string
  text: string
  count: number
  pinned: boolean
}

/** An entry of the FAQ as it is written: question, other wordings, answer. */
export interface Faq {
  q: string
  also: string[]
  a: string
}

/** A question she had no answer to. */
export interface Unanswered {
  id: string
  text: string
  /** How many people asked it, and how often. */
  users: number
  asked: number
  draft?: Partial<Faq> | string | null
}

/** What people ask; the rest is for the operator only. */
export interface Hot {
  type: 'hot'
  items: Asked[]
  operator: { unanswered: Unanswered[]; hidden: { id: string; text: string }[] } | null
}

export type ServerFrame =
  | Welcome
  | Entry
  | TurnFrame
  | { type: 'accepted'; id: string; entry: number }
  | { type: 'refused'; id: string; reason: string; notice: string }
  | { type: 'uploaded'; id: string; ok: boolean; notice: string }
  | { type: 'older'; entries: Entry[]; more: boolean }
  | { type: 'rated'; entry: number; rating: number }
  | { type: 'forgotten' }
  | { type: 'held'; turn: string; on: boolean }
  | Hearing
  | { type: 'notice'; code: string; text: string }
  | { type: 'pong'; t: number }
  | Hot
  | ({ type: 'faq_draft'; id: string } & Faq)
  | { type: 'faq_saved'; id: string; ok: boolean; notice: string }

export type PageFrame =
  | { type: 'hello'; visitor: string; conversation: string; cursor: Cursor; audio: 'pcm' | 'mp3'; language: 'zh' | 'en'; voiced: boolean }
  | { type: 'say'; id: string; text: string; pictures: string[] }
  | { type: 'stop'; turn: string; heard: number }
  | { type: 'hold' | 'resume'; turn: string }
  | { type: 'heard'; turn: string; heard: number; done: boolean }
  | { type: 'rate'; entry: number; rating: number }
  | { type: 'older'; before: number; limit: number }
  | { type: 'new' }
  | { type: 'voiced'; on: boolean }
  | { type: 'mic'; on: true; mode: 'free' | 'push' }
  | { type: 'mic'; on: false; drop: boolean }
  | { type: 'forget' }
  | { type: 'hot' }
  | { type: 'hot_edit'; id: string; do: Change; text?: string; into?: string }
  | { type: 'faq_draft'; id: string }
  | ({ type: 'faq_save'; id: string } & Faq)
  | { type: 'ping'; t: number }

/** What the operator does with a question. */
export type Change = 'hide' | 'show' | 'pin' | 'unpin' | 'word' | 'merge'

const TURN_TYPES = new Set(['begin', 'words', 'line', 'cue', 'cite', 'tool', 'picture', 'word', 'visemes', 'spoken', 'end', 'sound'])

/** A binary frame: 4-byte big-endian header length, JSON header, payload. */
export function packed(header: object, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(header))
  const frame = new Uint8Array(4 + head.length + payload.length)
  new DataView(frame.buffer).setUint32(0, head.length)
  frame.set(head, 4)
  frame.set(payload, 4 + head.length)
  return frame
}

/** Header and payload of a binary frame; null when it is broken. */
export function unpacked(frame: ArrayBuffer): { header: Record<string, unknown>; payload: Uint8Array } | null {
  if (frame.byteLength < 4) return null
  const size = new DataView(frame).getUint32(0)
  if (size > frame.byteLength - 4) return null
  const header = object(new TextDecoder().decode(new Uint8Array(frame, 4, size)))
  return header && { header, payload: new Uint8Array(frame, 4 + size) }
}

/** A frame from the server; null for one the page cannot read. */
export function read(data: unknown): ServerFrame | null {
  if (typeof data === 'string') {
    const frame = object(data)
    return frame && typeof frame['type'] === 'string' ? (frame as unknown as ServerFrame) : null
  }
  if (!(data instanceof ArrayBuffer)) return null
  const parts = unpacked(data)
  if (parts?.header['type'] !== 'sound') return null
  return { ...parts.header, bytes: parts.payload } as unknown as Sound
}

/** Whether a frame belongs to a turn and so carries turn, attempt and piece. */
export function ofTurn(frame: ServerFrame): frame is TurnFrame {
  return TURN_TYPES.has(frame.type)
}

/** Signed 16-bit little-endian samples as floats in -1…1. */
export function floats(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const samples = new Float32Array(bytes.byteLength >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true) / 32768
  return samples
}

function object(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
