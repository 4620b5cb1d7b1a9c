/**
 * Statements of what machines do all the time, compiled once: building the same statement anew for each machine that asks for
 * a boot, or for each event of a run, took longer than running it.
 */

import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import { assert } from '../assert.ts'
import type { Schema } from './schema.ts'

/** `parametersOf`: what is given, in the order in which it stands in the statement; of the first run that is checked. */
export function compiledOnce<Given, Row>(
  build: (db: Kysely<Schema>, given: Given) => Compilable<Row>,
  parametersOf: (given: Given) => readonly unknown[],
): (db: Kysely<Schema>, given: Given) => Promise<readonly Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (db, given) => {
    const parameters = parametersOf(given)
    compiled ??= compile(build(db, given), parameters)
    return (await db.executeQuery<Row>({ ...compiled, parameters })).rows
  }
}

function compile<Row>(query: Compilable<Row>, parameters: readonly unknown[]): CompiledQuery<Row> {
  const compiled = query.compile()
  const isSame = compiled.parameters.length === parameters.length
  assert(isSame && compiled.parameters.every((value, index) => value === parameters[index]), compiled.sql)
  return compiled
}
