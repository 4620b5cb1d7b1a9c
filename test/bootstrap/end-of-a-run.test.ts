/**
 * What the agent does around a run, in whole: the command after its end, in the boot image and in the installed system, and the
 * power plan. Needs root.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { RunFile, runFileVersion } from '../../bootstrap/run-file.ts'
import { waitUntil } from '../../scripts/wait-for.ts'
import { advance, startRun } from '../../server/sequence/advance.ts'
import { AgentServer } from './agent-server.ts'
import { answers, command, killAfter, prepare, startAgent } from './whole-agent.ts'

/** Notes, beside the folder of the machine, whether the run still lies where it lay. */
const postAction = (runFolder: string) => ({
  name: 'SMSTSPostAction',
  value: `if test -e ${runFolder}; then echo kept; else echo gone; fi >> "$REVEILLE_TEST/post-action"`,
  secret: false,
})

const inMemory = postAction('/run/reveille/run')

test('S3: in the boot image a failed run is followed by its command, when nothing of the run is left', async (t) => {
  const server = new AgentServer()
  const folder = await prepare(t, server, answers([command('Break', 'exit 9')], { variables: [inMemory] }))
  await killAfter(startAgent(t, folder), (text) => text.includes('stays as it is'))
  t.is(readFileSync(join(folder, 'post-action'), 'utf8'), 'gone\n')
})

test('S3: in the boot image a run that succeeded is followed by its command, and then the machine restarts', async (t) => {
  const server = new AgentServer()
  const folder = await prepare(t, server, answers([command('Pass', 'true')], { variables: [inMemory] }))
  const agent = startAgent(t, folder)
  await waitUntil('the agent to restart', () => existsSync(join(folder, 'reboot-was-asked')), { withinMs: 30_000 })
  t.is(readFileSync(join(folder, 'post-action'), 'utf8'), 'gone\n')
  await killAfter(agent, () => true)
})

for (const [end, commandLine] of [
  ['succeeded', 'true'],
  ['failed', 'exit 9'],
] as const) {
  test(`S3: in the installed system a run that ${end} is followed by its command, when nothing of it is left`, async (t) => {
    const server = new AgentServer()
    const restart = { type: 'restart-computer', target: 'installed-system', message: '', timeoutSeconds: 0 } as const
    const steps = [{ ...command('Restart', 'true'), action: restart }, command('After', commandLine)]
    const given = answers(steps)
    const folder = await prepare(t, server, given)
    const nothing = { kind: 'nothing-to-run', reason: 'none', askAgainSeconds: 30 } as const
    server.helloAnswer = { ...server.helloAnswer, machine: nothing }
    const { runId, policy } = given.start
    const { run, effects } = advance(startRun(policy.sequence, [postAction('/var/lib/reveille/run')]), {
      kind: 'start',
    })
    const base = /reveille\.server=(\S+)/.exec(readFileSync(join(folder, 'cmdline'), 'utf8'))?.[1]
    mkdirSync(join(folder, 'lib/reveille'), { recursive: true })
    writeFileSync(join(folder, 'lib/reveille/agent.json'), JSON.stringify({ server: [base] }))
    new RunFile(join(folder, 'lib/reveille/run')).save({
      version: runFileVersion,
      savedAtMs: 1,
      runId,
      deploymentId: policy.deploymentId,
      resumeTicket: 'ticket-1',
      server: [],
      machine: { macAddresses: [] },
      content: [],
      run,
      reports: effects.flatMap((effect) => (effect.kind === 'report' ? [effect.report] : [])),
      firstReport: 1,
    })
    const client = startAgent(t, folder, { where: 'installed-system', mounts: [['/var/lib', 'lib']] })
    await killAfter(client, () => false)
    const last = server.events.at(-1)?.body
    t.is(last?.kind === 'sequence-ended' ? last.outcome.kind : '', end)
    t.is(readFileSync(join(folder, 'post-action'), 'utf8'), 'gone\n')
  })
}

for (const highPerformancePowerPlan of [true, false]) {
  const title = highPerformancePowerPlan ? 'a run that wants it has' : 'another run has not'
  test(`S1-049: ${title} the high performance power plan, and afterwards it is as before`, async (t) => {
    const governor = '/sys/devices/system/cpu/cpufreq/policy0/scaling_governor'
    const look = command('Look', `cat ${governor} > "$REVEILLE_TEST/inside"; exit 9`)
    const folder = await prepare(t, new AgentServer(), answers([look], { highPerformancePowerPlan }))
    const policy = join(folder, 'cpu/cpufreq/policy0')
    mkdirSync(policy, { recursive: true })
    writeFileSync(join(policy, 'scaling_governor'), 'schedutil')
    writeFileSync(join(policy, 'scaling_available_governors'), 'performance schedutil')
    const agent = startAgent(t, folder, { mounts: [['/sys/devices/system/cpu', 'cpu']] })
    await killAfter(agent, (text) => text.includes('stays as it is'))
    t.is(readFileSync(join(folder, 'inside'), 'utf8'), highPerformancePowerPlan ? 'performance' : 'schedutil')
    t.is(readFileSync(join(policy, 'scaling_governor'), 'utf8'), 'schedutil')
  })
}
