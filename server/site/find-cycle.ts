/** Whether following references leads back to where it began: programs that run others first, applications that need others. */

/** The way from `start` back to itself, `start` first; undefined: there is none. */
export function findCycle(start: string, next: (key: string) => readonly string[]): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const waiting = [start]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const following of next(key)) {
      if (following === start) return wayTo(key, start, cameFrom)
      if (cameFrom.has(following)) continue
      cameFrom.set(following, key)
      waiting.push(following)
    }
  }
  return undefined
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way: string[] = []
  for (let key = end; key !== start; key = cameFrom.get(key) ?? start) way.unshift(key)
  return [start, ...way]
}
