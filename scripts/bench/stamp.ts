/** A moment inside the text of an event, by the clock that all processes of a machine share. */

export function stampOf(event: number, atMs = clockMs()): string {
  return `event ${event} at ${atMs.toFixed(3)} ms`
}

/** Each once, however often the frame repeats it. */
export function stampsIn(frame: string): readonly number[] {
  return [...new Set([...frame.matchAll(/event \d+ at (\d+\.\d{3}) ms/g)].map(([, text]) => Number(text)))]
}

export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
