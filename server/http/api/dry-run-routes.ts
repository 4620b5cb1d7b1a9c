/** `POST /task-sequences/{id}/dry-run`: what the sequence would do on a machine that is described in the body. */

import { z } from 'zod'
import { registryTypes } from '../../sequence/condition.ts'
import type { DescribedMachine } from '../../sequence/described-machine.ts'
import { dryRun } from '../../sequence/dry-run.ts'
import { variableNameCharactersMax, variableValueCharactersMax } from '../../sequence/environment.ts'
import type { Store } from '../../store/ports.ts'
import { expandStored } from '../child-sequences.ts'
import { notFound, Problem } from '../problem.ts'
import { packageId } from './fields.ts'
import { type ApiRoute, defineRoute } from './route.ts'

const text = z.string().max(4_000)
/** Read-only names too: the machine's make is a fact of the described machine. */
const variable = z.strictObject({
  name: z
    .string()
    .max(variableNameCharactersMax)
    .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'a name has letters, digits, _ and -, and begins with a letter or _'),
  value: z.string().max(variableValueCharactersMax),
  secret: z.boolean().default(false),
})
const variables = z.array(variable).max(5_000).default([])
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'give a time in UTC such as 2026-01-31T08:00:00Z')

const outcome = z.strictObject({
  step: text.meta({ description: 'The name of a step, or where it stands, counted from 0: 1.0.2' }),
  attempt: z.number().int().min(1).max(100).exactOptional(),
  happens: z.enum(['ends', 'times-out', 'restarts']).default('ends'),
  exitCode: z.number().int().min(-2_147_483_648).max(4_294_967_295).default(0),
  message: text.default(''),
  variables,
})

const describedMachine = z
  .strictObject({
    where: z.enum(['boot-image', 'installed-system']).default('boot-image'),
    variables,
    system: z
      .strictObject({
        system: text,
        like: z.array(text).max(20).default([]),
        version: text.default(''),
        architecture: z.enum(['x64', 'x86', 'arm64']).default('x64'),
      })
      .exactOptional(),
    language: text.exactOptional(),
    paths: z
      .record(
        z.string(),
        z.strictObject({
          folder: z.boolean().default(false),
          modifiedAt: time.exactOptional(),
          version: text.exactOptional(),
        }),
      )
      .exactOptional(),
    software: z.record(z.string(), z.array(text).max(100)).exactOptional(),
    registry: z.record(z.string(), z.strictObject({ type: z.enum(registryTypes), data: text })).exactOptional(),
    wmi: z.record(z.string(), z.number().int().min(0)).exactOptional(),
    outcomes: z.array(outcome).max(1_000).default([]),
  })
  .meta({ id: 'DescribedMachine' })

const dryRunView = z
  .object({
    entries: z.array(z.looseObject({ kind: z.enum(['group', 'group-failed', 'step', 'skipped', 'restart']) })),
    outcome: z.looseObject({ kind: z.enum(['succeeded', 'failed']) }).optional(),
    variables: z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() })),
  })
  .meta({ id: 'DryRun', description: 'What would run, what would be skipped and why, in order; secrets are masked' })

export function dryRunRoutes(store: Store): readonly ApiRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/task-sequences/{id}/dry-run',
      summary: 'Play a task sequence against a described machine',
      params: z.object({ id: packageId }),
      body: describedMachine,
      answers: { 200: dryRunView },
      answer: async ({ params, body }) => {
        const object = await store.taskSequences.get(params.id)
        if (object === undefined) throw notFound(`task sequence ${params.id}`)
        const expanded = await expandStored(store, object)
        if (expanded.kind === 'refused') {
          const faults = expanded.faults.map(({ path, message }) => ({ path: `sequence.${path}`, message }))
          throw new Problem(422, { detail: 'The task sequence would not start.', faults })
        }
        const machine: DescribedMachine = body
        return { status: 200, body: dryRun(expanded.sequence, machine) }
      },
    }),
  ]
}
