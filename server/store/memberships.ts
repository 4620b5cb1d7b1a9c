/** Joins the questions of membership-port.ts to the index of many machines and the rule for one (targeting/membership.ts). */

import type { Kysely } from 'kysely'
import { type CollectionId, type DeviceId, unsavedCollectionId } from '../address/identifiers.ts'
import { unknownComputers } from '../site/unknown-computer.ts'
import {
  type MembershipPlan,
  membershipsOf,
  placesBehind,
  planMembership,
  whyMember,
  type DirectMembership,
} from '../targeting/membership.ts'
import { isUnknownComputer, type Machine } from '../targeting/query-subject.ts'
import type { Member, MemberPage, Membership, Memberships, Page } from './membership-port.ts'
import { inSlices } from './reads/in-slices.ts'
import type { MembershipIndex } from './reads/membership-index.ts'
import type { MembershipPlans } from './reads/membership-plans.ts'
import { readCollectionRules, readDirectMemberships } from './rows/collection-rows.ts'
import { readDevice, readInventoryRow, toInventoryRow } from './rows/device-rows.ts'
import type { Schema } from './schema.ts'
import type { Writer } from './writer.ts'

/** How exactly it is known when a device was heard last. */
const inventoryNoteMs = 600_000

interface Sources {
  readonly db: Kysely<Schema>
  readonly writer: Writer
  readonly plans: MembershipPlans
  readonly index: MembershipIndex
}

export function memberships({ db, writer, plans, index }: Sources): Memberships {
  return {
    async keepInventory(deviceId, inventory) {
      const kept = await readInventoryRow(db, deviceId)
      const isSame = kept !== undefined && kept.inventory === toInventoryRow(deviceId, inventory).inventory
      if (isSame && inventory.heardAtMs < kept.heard_at_ms + inventoryNoteMs) return 'unchanged'
      return writer.run('keepInventory', { deviceId, inventory })
    },
    collectionRules: () => readCollectionRules(db),
    async memberCount(id) {
      await index.upToDate()
      return index.countOf(id) + unknownIn(await plans.now(), id).length
    },
    async deviceMembers(id) {
      await index.upToDate()
      return index.membersOf(id)
    },
    async members(id, page) {
      await index.upToDate()
      const plan = await plans.now()
      if (!plan.placeOf.has(id)) return undefined
      return pageOf([...unknownIn(plan, id), ...index.membersOf(id)], page, explain(plan, id, directly(index)))
    },
    async previewMembers(rules, page) {
      await index.upToDate()
      const draft = {
        ...rules,
        id: rules.id ?? unsavedCollectionId,
        maintenanceWindows: [],
        variables: [],
        defaultDistributionPointGroups: [],
        revision: 0,
      }
      const others = (await readCollectionRules(db)).filter(({ id }) => id !== draft.id)
      const plan = planMembership([...others, draft])
      const listed = new Set(draft.directMembers)
      const isDirect: IsDirect = (collectionId, deviceId) =>
        collectionId === draft.id ? listed.has(deviceId) : index.isDirect(collectionId, deviceId)
      const place = plan.placeOf.get(draft.id) ?? -1
      const behind = placesBehind(plan, [place])
      const members: Machine[] = []
      await inSlices([...unknownComputers, ...index.devices], (machine) => {
        const asked = { machine, isDirect: directOf(machine, isDirect) }
        if (membershipsOf(plan, asked, behind)[place] === 1) members.push(machine)
      })
      return pageOf(members, page, explain(plan, draft.id, isDirect))
    },
    async collectionsOfDevice(id) {
      const device = await readDevice(db, id)
      if (device === undefined) return undefined
      const direct = (await readDirectMemberships(db, [id])).get(id)
      const asked = { machine: device, isDirect: (collectionId: CollectionId) => direct?.has(collectionId) === true }
      return { device, memberships: membershipsIn(await plans.now(), asked) }
    },
    async collectionsOfUnknownComputer(machine) {
      return membershipsIn(await plans.now(), { machine, isDirect: () => false })
    },
  }
}

type IsDirect = (collectionId: CollectionId, deviceId: DeviceId) => boolean

function directly(index: MembershipIndex): IsDirect {
  return (collectionId, deviceId) => index.isDirect(collectionId, deviceId)
}

function directOf(machine: Machine, isDirect: IsDirect): DirectMembership {
  return isUnknownComputer(machine) ? () => false : (collectionId) => isDirect(collectionId, machine.id)
}

function unknownIn(plan: MembershipPlan, id: CollectionId): readonly Machine[] {
  const place = plan.placeOf.get(id)
  if (place === undefined) return []
  const behind = placesBehind(plan, [place])
  return unknownComputers.filter(
    (machine) => membershipsOf(plan, { machine, isDirect: () => false }, behind)[place] === 1,
  )
}

function explain(plan: MembershipPlan, id: CollectionId, isDirect: IsDirect): (machine: Machine) => Member {
  const place = plan.placeOf.get(id) ?? -1
  const behind = placesBehind(plan, [place])
  return (machine) => {
    const asked = { machine, isDirect: directOf(machine, isDirect) }
    return { machine, because: whyMember(plan, place, { ...asked, is: membershipsOf(plan, asked, behind) }) }
  }
}

function pageOf(
  machines: readonly Machine[],
  { offset, limit }: Page,
  toMember: (machine: Machine) => Member,
): MemberPage {
  return { total: machines.length, items: machines.slice(offset, offset + limit).map(toMember) }
}

function membershipsIn(
  plan: MembershipPlan,
  asked: { readonly machine: Machine; readonly isDirect: DirectMembership },
): readonly Membership[] {
  const is = membershipsOf(plan, asked)
  return plan.steps.flatMap(({ collection }, place) =>
    is[place] === 1 ? [{ collection, because: whyMember(plan, place, { ...asked, is }) }] : [],
  )
}
