/** The power plan over files as the kernel has them. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type PowerPlan, raisePowerPlan, restorePowerPlan } from '../../bootstrap/power-plan.ts'
import { makeFolder } from './loop-disk.ts'

/** Name of a policy -> its governor and those it could have. */
function machineWith(t: ExecutionContext, policies: Readonly<Record<string, readonly [string, string]>>) {
  const folder = makeFolder(t)
  const plan: PowerPlan = { policiesFolder: join(folder, 'cpufreq'), keptFile: join(folder, 'run/governors.json') }
  for (const [name, [governor, available]] of Object.entries(policies)) {
    mkdirSync(join(plan.policiesFolder, name), { recursive: true })
    writeFileSync(join(plan.policiesFolder, name, 'scaling_governor'), `${governor}\n`)
    writeFileSync(join(plan.policiesFolder, name, 'scaling_available_governors'), `${available}\n`)
  }
  const said: string[] = []
  const governors = () =>
    Object.keys(policies).map((name) =>
      readFileSync(join(plan.policiesFolder, name, 'scaling_governor'), 'utf8').trim(),
    )
  return { plan, said, say: (text: string) => void said.push(text), governors }
}

const all = 'performance powersave schedutil'

test('S1-049: all processors perform while the run goes on, and are as before at its end', async (t) => {
  const { plan, said, say, governors } = machineWith(t, { policy0: ['schedutil', all], policy4: ['powersave', all] })
  await raisePowerPlan(plan, say)
  t.deepEqual(governors(), ['performance', 'performance'])
  await restorePowerPlan(plan, say)
  t.deepEqual(governors(), ['schedutil', 'powersave'])
  t.false(existsSync(plan.keptFile))
  t.deepEqual(said, [])
})

test('S1-049: an agent that was started again knows what was there before the first', async (t) => {
  const { plan, say, governors } = machineWith(t, { policy0: ['schedutil', all], policy1: ['schedutil', all] })
  await raisePowerPlan(plan, say)
  // Somebody changed one meanwhile.
  writeFileSync(join(plan.policiesFolder, 'policy1/scaling_governor'), 'powersave')
  await raisePowerPlan(plan, say)
  t.deepEqual(governors(), ['performance', 'performance'])
  await restorePowerPlan(plan, say)
  t.deepEqual(governors(), ['schedutil', 'schedutil'])
})

test('S1-049: a machine without governors, or without that one, is left as it is', async (t) => {
  const none = machineWith(t, {})
  await raisePowerPlan(none.plan, none.say)
  await restorePowerPlan(none.plan, none.say)
  t.false(existsSync(none.plan.keptFile))
  const other = machineWith(t, { policy0: ['userspace', 'userspace'], policy1: ['performance', all] })
  await raisePowerPlan(other.plan, other.say)
  await restorePowerPlan(other.plan, other.say)
  t.deepEqual(other.governors(), ['userspace', 'performance'])
  t.deepEqual([...none.said, ...other.said], [])
})
