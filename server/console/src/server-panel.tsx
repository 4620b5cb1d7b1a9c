/**
 * How busy the server is, under every page: one quiet line that opens. What somebody should look at is said in words, and the
 * line says it while it is closed. No live region: figures that change every two seconds would be read aloud for ever.
 */

import { Fragment } from 'react'
import { type Figure, loadFigures, loadHeadline } from './load-figures.ts'
import { useServerLoad } from './server-load.ts'

export function ServerPanel() {
  const load = useServerLoad()
  if (load === undefined) return null
  const figures = loadFigures(load)
  const warned = figures.filter(({ warnings }) => warnings.length > 0)
  return (
    <footer>
      <details className="server-load">
        <summary>
          This server: {loadHeadline(load)}
          {warned.length > 0 && (
            <strong className="warning"> – look at {warned.map(({ name }) => name).join(', ')}</strong>
          )}
        </summary>
        <dl className="facts">
          {figures.map((figure) => (
            <FigureRow key={figure.name} figure={figure} />
          ))}
        </dl>
      </details>
    </footer>
  )
}

function FigureRow({ figure: { name, text, warnings } }: { figure: Figure }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {text}
        {warnings.map((warning) => (
          <Fragment key={warning}>
            , <strong className="warning">{warning}</strong>
          </Fragment>
        ))}
      </dd>
    </div>
  )
}
