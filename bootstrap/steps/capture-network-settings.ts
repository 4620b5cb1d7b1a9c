/**
 * Capture Network Settings (S2-070) in an installed Linux: addresses, gateways and name servers of each card, and the
 * domain it has joined, become the variables that Apply Network Settings takes. The password of the account that joins a
 * domain is no setting of this machine, and stays to be given.
 */

import { readFile } from 'node:fs/promises'
import type { Variable } from '../../server/sequence/environment.ts'
import { adapterCountVariable, adapterVariables } from '../../server/sequence/step-types/adapter-variables.ts'
import type { CaptureNetworkSettings } from '../../server/sequence/step-types/capture-network-settings.ts'
import { runCommand } from '../command.ts'
import { readAdapters, searchDomains } from '../network-state.ts'
import { type StepContext, StepFailed, type StepResult, stepSucceeded, variable } from '../step-context.ts'

export async function captureNetworkSettings(
  action: CaptureNetworkSettings,
  context: StepContext,
): Promise<StepResult> {
  const resolvConf = await readResolvConf()
  const variables = [
    ...(action.adapters ? await adapterSettings(resolvConf, context) : []),
    ...(action.membership ? await membership(context) : []),
  ]
  context.output('log', `kept ${variables.map(({ name }) => name).join(', ')}`)
  return { ...stepSucceeded, variables }
}

async function adapterSettings(resolvConf: string, context: StepContext): Promise<readonly Variable[]> {
  const state = {
    addresses: await askIp(['address', 'show'], context),
    routes: await askIp(['route', 'show', 'default'], context),
    resolvConf,
  }
  const adapters = readAdapters(state, context.hardware.macAddresses)
  const [dnsDomain = '', ...suffixes] = searchDomains(resolvConf).filter((domain) => domain !== '.')
  const ofAdapters = adapters.flatMap((adapter, index) =>
    Object.entries(adapterVariables(adapter)).map(([name, value]) => variable(`OSDAdapter${index}${name}`, value)),
  )
  return [
    variable(adapterCountVariable, String(adapters.length)),
    ...ofAdapters,
    variable('OSDDNSDomain', dnsDomain),
    variable('OSDDNSSuffixSearchOrder', suffixes.join(',')),
  ].filter(({ value }) => value !== '')
}

async function askIp(words: readonly string[], context: StepContext): Promise<unknown> {
  const answer = await runCommand({ program: 'ip', arguments: ['-json', ...words], signal: context.signal })
  if (answer.exitCode === 127) throw new StepFailed('the system has no ip program (package iproute2), which is needed')
  if (answer.exitCode !== 0) throw new StepFailed(`ip ${words.join(' ')}: ${answer.tail}`)
  try {
    return JSON.parse(answer.stdout.trim() === '' ? '[]' : answer.stdout)
  } catch {
    throw new StepFailed(`ip ${words.join(' ')} printed what cannot be read`)
  }
}

/** Behind the stub of systemd-resolved stand the real name servers. */
async function readResolvConf(): Promise<string> {
  const behindStub = await readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => '')
  return behindStub === '' ? readFile('/etc/resolv.conf', 'utf8').catch(() => '') : behindStub
}

async function membership(context: StepContext): Promise<readonly Variable[]> {
  const realm = await runCommand({ program: 'realm', arguments: ['list', '--name-only'], signal: context.signal })
  const [domain = ''] = realm.exitCode === 0 ? realm.stdout.trim().split('\n') : []
  return domain === '' ? [] : [variable('OSDNetworkJoinType', '0'), variable('OSDDomainName', domain)]
}
