// Runs beside the sound: the microphone's samples at the server's rate, in chunks of one of its windows.
import { Downsampler } from './downsampler.ts'

declare const sampleRate: number
declare function registerProcessor(name: string, kind: unknown): void
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}

/** 32 ms: one of the server's windows. */
const CHUNK = 512

class Tap extends AudioWorkletProcessor {
  private readonly downsampler = new Downsampler(sampleRate)
  private chunk = new Int16Array(CHUNK)
  private filled = 0

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0]
    if (!samples) return true
    for (const sample of this.downsampler.push(samples)) {
      this.chunk[this.filled++] = sample
      if (this.filled < CHUNK) continue
      this.port.postMessage(this.chunk.buffer, [this.chunk.buffer])
      this.chunk = new Int16Array(CHUNK)
      this.filled = 0
    }
    return true
  }
}

registerProcessor('tap', Tap)
