/**
 * The kinds of objects that exports carry, each with what an export takes of it and what an import does with it. What refers to
 * its like (programs that run others first, applications that need others) is created without, and gets its relations when
 * all of them are there; so their order does not matter.
 */

import type { z } from 'zod'
import type { PackageId } from '../../../address/identifiers.ts'
import type { ReferenceKind } from '../../../sequence/field.ts'
import type { Rewrite } from '../../../sequence/rewrite-references.ts'
import type { Application } from '../../../site/application.ts'
import type { ContentFile, ContentVersion } from '../../../site/content.ts'
import type { Package, Program } from '../../../site/package.ts'
import type { Draft, Edit, Objects, Store } from '../../../store/ports.ts'
import type { Fault } from '../../problem.ts'
import { applicationDraft } from '../application-routes.ts'
import { driverPackageDraft, upgradePackageDraft } from '../driver-package-routes.ts'
import { bootImageDraft, operatingSystemImageDraft } from '../image-routes.ts'
import { packageDraft } from '../package-routes.ts'
import { faultsOf } from '../route.ts'

export interface Need {
  readonly kind: ReferenceKind
  readonly id: PackageId
  /** Below the draft. */
  readonly path: string
  /** False: of a disabled step, which may refer to what is not there. */
  readonly needed: boolean
}

export interface Exported {
  readonly draft: Readonly<Record<string, unknown>>
  readonly files: readonly ContentFile[]
  readonly needs: readonly Need[]
}

/** A draft of an import, judged. */
export interface Prepared {
  readonly name: string
  readonly needs: readonly Need[]
  create(name: string): Promise<Edit<Kept>>
  overwrite(id: PackageId): Promise<Edit<Kept>>
  /** With all its relations; undefined: it has none. */
  readonly relate?: (id: PackageId, name: string, rewrite: Rewrite) => Promise<Edit<Kept>>
}

export interface Kept {
  readonly id: PackageId
  readonly name: string
}

export type Preparing =
  | { readonly kind: 'prepared'; readonly prepared: Prepared }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }

export interface ExchangeKind {
  list(): Promise<readonly Kept[]>
  read(id: PackageId): Promise<(Kept & Exported) | undefined>
  prepare(draft: unknown): Preparing
  /** Makes an object again what it is now. */
  restorer(id: PackageId): Promise<() => Promise<unknown>>
  remove(id: PackageId): Promise<unknown>
}

interface Stored extends Kept {
  readonly revision: number
  readonly content?: ContentVersion
}

interface Parts<T extends Stored> {
  readonly objects: Objects<PackageId, T>
  readonly schema: z.ZodType<Draft<T>>
  readonly relations?: Relations<T>
}

interface Relations<T> {
  needs(draft: Draft<T>): readonly Need[]
  without(draft: Draft<T>): Draft<T>
  rewritten(draft: Draft<T>, rewrite: Rewrite): Draft<T>
}

type Named<T> = Draft<T> & { readonly name: string }

function kindOf<T extends Stored>(
  { objects, schema, relations }: Parts<T>,
  draftOf: (object: T) => Named<T>,
): ExchangeKind {
  return {
    list: () => objects.list(),
    async read(id) {
      const object = await objects.get(id)
      if (object === undefined) return undefined
      const draft = draftOf(object)
      const needs = relations?.needs(draft) ?? []
      return { id, name: object.name, draft: { ...draft }, files: object.content?.files ?? [], needs }
    },
    prepare(sent) {
      const parsed = schema.safeParse(sent)
      if (!parsed.success) return { kind: 'invalid', faults: faultsOf(parsed.error) }
      const draft = parsed.data
      const bare = relations?.without(draft) ?? draft
      const needs = relations?.needs(draft) ?? []
      const name = 'name' in draft && typeof draft.name === 'string' ? draft.name : ''
      const relate = async (id: PackageId, given: string, rewrite: Rewrite): Promise<Edit<Kept>> =>
        objects.replace(id, { ...(relations?.rewritten(draft, rewrite) ?? draft), name: given }, undefined)
      return {
        kind: 'prepared',
        prepared: {
          name,
          needs,
          create: async (given) => objects.create({ ...bare, name: given }),
          overwrite: async (id) => objects.replace(id, bare, undefined),
          ...(needs.length === 0 ? {} : { relate }),
        },
      }
    },
    async restorer(id) {
      const old = await objects.get(id)
      return async () => old && objects.replace(id, draftOf(old), undefined)
    },
    remove: async (id) => objects.remove(id, undefined),
  }
}

export function siteKinds(store: Store): Readonly<Record<Exclude<ReferenceKind, 'task-sequence'>, ExchangeKind>> {
  return {
    'boot-image': kindOf({ objects: store.bootImages, schema: bootImageDraft }, withoutGiven),
    'operating-system-image': kindOf(
      { objects: store.operatingSystemImages, schema: operatingSystemImageDraft },
      withoutGiven,
    ),
    'operating-system-upgrade-package': kindOf(
      { objects: store.operatingSystemUpgradePackages, schema: upgradePackageDraft },
      withoutGiven,
    ),
    'driver-package': kindOf({ objects: store.driverPackages, schema: driverPackageDraft }, withoutGiven),
    package: kindOf({ objects: store.packages, schema: packageDraft, relations: programRelations }, withoutGiven),
    application: kindOf(
      { objects: store.applications, schema: applicationDraft, relations: applicationRelations },
      withoutGiven,
    ),
  }
}

function withoutGiven<T extends Stored>(object: T): Omit<T, 'id' | 'revision' | 'content'> {
  const { id: _, revision: __, content: ___, ...draft } = object
  return draft
}

const programRelations: Relations<Package> = {
  needs: ({ programs }) =>
    programs.flatMap(({ runFirst }, index): readonly Need[] =>
      runFirst === undefined
        ? []
        : [{ kind: 'package', id: runFirst.packageId, path: `programs[${index}].runFirst`, needed: true }],
    ),
  without: (draft) => ({ ...draft, programs: draft.programs.map(runsAlone) }),
  rewritten: (draft, rewrite) => ({
    ...draft,
    programs: draft.programs.map(({ runFirst, ...program }) =>
      runFirst === undefined
        ? program
        : { ...program, runFirst: { ...runFirst, packageId: rewrite('package', runFirst.packageId) } },
    ),
  }),
}

const applicationRelations: Relations<Application> = {
  needs: ({ dependencies, supersedes }) => [
    ...dependencies.map((id, index) => application(id, `dependencies[${index}]`)),
    ...supersedes.map(({ applicationId }, index) => application(applicationId, `supersedes[${index}].applicationId`)),
  ],
  without: (draft) => ({ ...draft, dependencies: [], supersedes: [] }),
  rewritten: (draft, rewrite) => ({
    ...draft,
    dependencies: draft.dependencies.map((id) => rewrite('application', id)),
    supersedes: draft.supersedes.map((one) => ({
      ...one,
      applicationId: rewrite('application', one.applicationId),
    })),
  }),
}

function runsAlone(program: Program): Program {
  const { runFirst: _, ...alone } = program
  return alone
}

function application(id: PackageId, path: string): Need {
  return { kind: 'application', id, path, needed: true }
}
