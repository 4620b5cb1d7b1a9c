/** What makes the client a part of an installed system with systemd: its services, its timer, and the command for whoever sits there. */

export const clientUnitName = 'reveille-agent.service'
const occasionsUnitName = 'reveille-agent-occasions.service'

/** At each start of the system it goes on with the run that waits, or asks once; the timer starts it again. */
function clientUnit({ hasSite }: ClientHome): string {
  // Whoever has nobody to ask must not wait until systemd gives up looking for a network, which takes two minutes.
  const network = hasSite ? 'network-online.target ' : ''
  return `[Unit]
Description=Reveille task sequence manager
Wants=${network}${occasionsUnitName}
After=${network}local-fs.target ${occasionsUnitName}
StartLimitIntervalSec=0

[Service]
Type=exec
Environment=REVEILLE_WHERE=installed-system
ExecStart=/usr/lib/reveille/reveille-agent
Restart=on-failure
RestartSec=5
# A command of the sequence may restart or replace anything, also what would be in a sandbox.
KillMode=mixed
StandardOutput=journal+console

[Install]
WantedBy=multi-user.target
`
}

const timerUnitName = 'reveille-agent.timer'

/** Machines that are switched on together do not ask together. */
const timerUnit = `[Unit]
Description=Reveille asks what is deployed to this machine

[Timer]
OnUnitInactiveSec=15min
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
`

/** One look at a time, whoever asks for it (occasions.ts). */
const occasionsUnit = `[Unit]
Description=Reveille notes that the system has started, and who logs on and off
After=systemd-logind.service local-fs.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
Environment=REVEILLE_WHERE=installed-system REVEILLE_TASK=note-occasions
ExecStart=/usr/lib/reveille/reveille-agent
`

const sessionsUnitName = 'reveille-agent-occasions.path'

/** logind keeps a file for each session: it is not read, but that it changes is known without a process that waits. */
const sessionsUnit = `[Unit]
Description=Reveille learns that sessions come and go

[Path]
PathChanged=/run/systemd/sessions

[Install]
WantedBy=paths.target
`

const awakeUnitName = 'reveille-agent-awake.service'
/** Reached when the system has come back from them (systemd-suspend.service(8)). */
const sleeps = ['suspend', 'hibernate', 'hybrid-sleep', 'suspend-then-hibernate']
const sleepTargets = sleeps.map((name) => `${name}.target`)

/** A machine that was woken for a deployment would sleep again before the timer comes, which stood still meanwhile. */
const awakeUnit = `[Unit]
Description=Reveille asks what is deployed to this machine, which has slept
After=${sleepTargets.join(' ')}

[Service]
Type=oneshot
ExecStart=systemctl start --no-block ${clientUnitName}

[Install]
WantedBy=${sleepTargets.join(' ')}
`

/** The files are in client-offers.ts; the service is the only one that speaks to the server. */
const clientCommand = `#!/bin/sh
# What is deployed to this machine: shown, asked for anew, started.
usage() {
  cat <<END
reveille-client list      what may be started here, as the server said last
reveille-client check     asks the server now, and starts what is required
reveille-client run ID    starts an available deployment, such as RVL20003, or a required one before its time
reveille-client progress  how far the task sequence is that runs here
reveille-client log       what the client did
END
}
files=/run/reveille
progress=/run/reveille-progress
# On a terminal until it has ended.
follow() {
  last=
  while text=$(cat "$progress" 2>/dev/null); do
    [ "$text" = "$last" ] || printf '%s\\n' "$text"
    last=$text
    [ -t 1 ] || return 0
    sleep 1
  done
  [ -n "$last" ] || echo "No task sequence runs here, or its progress is not shown."
}
case "$1" in
  -h | --help | help) usage; exit ;;
  progress) follow; exit ;;
esac
[ "$(id -u)" = 0 ] || { echo "reveille-client: only root may ask: sudo reveille-client $1" >&2; exit 1; }
case "$1" in
  list) cat "$files/offers" 2>/dev/null || echo "Nothing is known yet: reveille-client check asks the server." ;;
  check) systemctl start ${clientUnitName} && echo "The client asks the server; reveille-client log shows it." ;;
  run)
    case "$2" in
      [A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]2[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]) ;;
      *) usage >&2; exit 2 ;;
    esac
    umask 077
    mkdir -p "$files" && printf '%s\\n' "$2" >"$files/wish" && systemctl start ${clientUnitName} &&
      echo "The client asks the server for $2; reveille-client log shows it." ;;
  log) exec journalctl --unit ${clientUnitName} --no-pager --lines 100 ;;
  *) usage >&2; exit 2 ;;
esac
`

export interface ClientFile {
  /** Below the root of the system. */
  readonly path: string
  readonly content: string
  readonly mode: number
}

export interface ClientHome {
  /** False: its run came from a medium, and needs no network (S7-026). */
  readonly hasSite: boolean
}

export const clientFiles = (home: ClientHome): readonly ClientFile[] => [
  { path: `etc/systemd/system/${clientUnitName}`, content: clientUnit(home), mode: 0o644 },
  { path: `etc/systemd/system/${timerUnitName}`, content: timerUnit, mode: 0o644 },
  { path: `etc/systemd/system/${occasionsUnitName}`, content: occasionsUnit, mode: 0o644 },
  { path: `etc/systemd/system/${sessionsUnitName}`, content: sessionsUnit, mode: 0o644 },
  { path: `etc/systemd/system/${awakeUnitName}`, content: awakeUnit, mode: 0o644 },
  { path: 'usr/local/sbin/reveille-client', content: clientCommand, mode: 0o755 },
]

/** What enables them: link, and what it leads to. */
export const clientLinks: readonly (readonly [path: string, target: string])[] = [
  [`etc/systemd/system/multi-user.target.wants/${clientUnitName}`, `/etc/systemd/system/${clientUnitName}`],
  [`etc/systemd/system/timers.target.wants/${timerUnitName}`, `/etc/systemd/system/${timerUnitName}`],
  [`etc/systemd/system/paths.target.wants/${sessionsUnitName}`, `/etc/systemd/system/${sessionsUnitName}`],
  ...sleepTargets.map(
    (target) =>
      [`etc/systemd/system/${target}.wants/${awakeUnitName}`, `/etc/systemd/system/${awakeUnitName}`] as const,
  ),
]
