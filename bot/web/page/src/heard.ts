// How far into the reply's text someone has heard, from the clock and the times of the words.

export interface WordAt {
  /** Code points of display text. */
  at: number
  length: number
  /** Milliseconds in the line. */
  start: number
  duration: number
}

export interface SpokenLine {
  text: string
  /** Where the line begins in the display text, in code points. */
  start: number
  words: WordAt[]
  /** Seconds of sound that are known. */
  seconds: number
}

/** Number of code points, which is how the protocol counts text. */
export function count(text: string): number {
  return Array.from(text).length
}

/** Display characters heard when the line's clock stands at `ms`. */
export function heardIn(line: SpokenLine, ms: number): number {
  if (ms <= 0) return line.start
  const length = count(line.text)
  if (ms >= line.seconds * 1000 - 1 && line.seconds > 0) return line.start + length
  let heard = -1
  for (const word of line.words) if (word.start <= ms) heard = Math.max(heard, word.at + (ms >= word.start + word.duration / 2 ? word.length : 0))
  if (heard >= 0) return heard
  return line.start + (line.seconds > 0 ? Math.floor((length * ms) / (line.seconds * 1000)) : 0)
}

/** When, in the line's milliseconds, the clock reaches a character. */
export function timeOf(line: SpokenLine, at: number): number {
  if (at <= line.start) return 0
  let best = -1
  for (const word of line.words) if (word.at <= at) best = Math.max(best, at >= word.at + word.length ? word.start + word.duration : word.start)
  if (best >= 0) return best
  const length = Math.max(1, count(line.text))
  return Math.min(1, (at - line.start) / length) * line.seconds * 1000
}
