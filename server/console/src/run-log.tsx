/** What the run said, newest last. It follows the end as long as the reader is there; who scrolled up is left alone. */

import { useLayoutEffect, useMemo, useRef } from 'react'
import type { Lane } from '../../contract/progress.ts'
import { printTime } from './format.ts'
import type { RunStory } from './run-story.ts'

/** So close to the end counts as there. */
const endPixels = 24

export function RunLog({ story, lane }: { story: RunStory; lane: Lane }) {
  const box = useRef<HTMLPreElement>(null)
  const isAtEnd = useRef(true)
  const text = useMemo(
    () => story.log.map((line) => `${printTime(line.atMs)}  ${line.text}`).join('\n') || lane.lines.join('\n'),
    [story.log, lane.lines],
  )
  useLayoutEffect(() => {
    const element = box.current
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight
  }, [text])
  return (
    <section>
      <h2 id="log">Log</h2>
      {/* Focusable, so that the keyboard can scroll it; a region and not a log, which would be read aloud line by line. */}
      <pre
        ref={box}
        className="log"
        role="region"
        tabIndex={0}
        aria-labelledby="log"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight <= endPixels
        }}
      >
        {text === '' ? 'Nothing yet.' : text}
      </pre>
    </section>
  )
}
