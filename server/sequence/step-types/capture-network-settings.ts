/** Capture Network Settings (S2-070): what this computer has now becomes variables that Apply Network Settings takes. */

import { flag } from '../fields.ts'
import { type ActionOf, defineStepType } from '../step-type.ts'

export const captureNetworkSettings = defineStepType({
  type: 'capture-network-settings',
  title: 'Capture Network Settings',
  about: 'Keeps the network settings of this computer for the system that is applied later.',
  category: 'settings',
  runsIn: 'installed-system',
  xmlName: 'CaptureNetworkSettingsAction',
  outputs: ['OSDAdapterCount', 'OSDDNSDomain', 'OSDDNSSuffixSearchOrder', 'OSDDomainName', 'OSDNetworkJoinType'],
  fields: {
    membership: flag('Keeps the domain or workgroup.', true, 'OSDMigrateNetworkMembership'),
    adapters: flag('Keeps the addresses of the cards.', true, 'OSDMigrateAdapterSettings'),
  },
})

export type CaptureNetworkSettings = ActionOf<typeof captureNetworkSettings>
