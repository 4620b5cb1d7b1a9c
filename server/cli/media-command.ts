/** `media`: sticks and discs that machines start from. */

import { Command } from 'commander'
import { addDisksCommand } from './media-disks-command.ts'
import { addVerifyCommand } from './media-verify-command.ts'

export function mediaCommand(): Command {
  const command = new Command('media').description('Sticks and discs that machines start from')
  addVerifyCommand(command)
  addDisksCommand(command)
  return command
}
