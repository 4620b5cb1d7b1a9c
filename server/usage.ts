/** What `npm start -- --help` prints: every setting of config.ts. */

export const usage = `Usage: npm start -- [settings]        (or REVEILLE_<NAME> in the environment, or reveille.yaml)

  --data DIR                 database, content and built images            (default ./data)
  --interface NAME           answer on this interface; may be repeated      (default every one but loopback)
  --dhcp off|proxy|full      proxy: beside the site's DHCP server; full: be it  (default proxy)
  --pool FIRST-LAST          addresses to lease in full mode
  --subnet ADDRESS/LENGTH    of the pool                                    (default the interface's)
  --router ADDRESS           default gateway handed out in full mode
  --dns ADDRESS              handed out in full mode; may be repeated
  --lease-seconds N          (default 3600)
  --lease-sync true|false    true: a lease outlasts a loss of power; false: the end of the server, as with other
                             DHCP servers, and a busy server answers sooner  (default true)
  --reservation MAC=ADDRESS  keep an address for a machine; may be repeated
  --relay ADDRESS[/LENGTH]   answer only these DHCP relays (giaddr); may be repeated  (default all)
  --http HOST:PORT           page, API, boot files                          (default 0.0.0.0:8080)
  --connections-per-address N  HTTP connections one address may have; more for a proxy on another machine  (default 256)
  --intranet ADDRESS/LENGTH  a network of the site's own; may be repeated. Clients of other networks are offered only
                             deployments that allow internet clients        (default every network)
  --tftp-port N              (default 69; 0 switches TFTP off)
  --tftp-single-port true|false  answer from the port of the requests, for address translation and containers
                             (default false)
  --tftp-limit WHO=WINDOW[xBLOCK]  grant at most so many blocks at once, of so many octets; may be repeated. WHO is the
                             beginning of MAC addresses (00:0c:29) or a network (192.168.9.0/24); the one that says
                             most counts                                    (default 64x1468)
  --dhcp-port N              (default 67)
  --boot-server-port N       (default 4011)
  --wake-up-port N           where wake-up packets go (default 9)
  --site-code XYZ            three capital letters or digits                (default RVL)
  --organization NAME        shown on machines while a task sequence runs
  --boot-files DIR           more files to serve by TFTP and at /boot/files/
  --database FILE            (default DIR/reveille.sqlite)
  --unknown-computers ignore|approve|allow   machines the site does not know  (default approve)
  --known-devices automatic|approve   approve: known devices wait for an administrator, too  (default automatic;
                             a machine that would get a secret value, in a step or a
                             variable, or restores user state always waits)
  --respond true|false       pause switch of the PXE responder              (default true)
  --prompt-seconds N         how long an available deployment waits for F12  (default 10)
  --run-silence-hours N      a run that was not heard of for so long is abandoned  (default 24)
  --local-boot exit|exit-with-error|first-disk   how iPXE goes on to the disk  (default exit)
  --ignore-mac MAC           never serve this machine; may be repeated (besides those of ./reveille ignored-mac)
  --duplicate-identifier ID  MAC address or SMBIOS GUID that names no one machine; may be repeated
                             (besides those of ./reveille duplicate-identifier)
  --origin URL               address of the page when a proxy stands in front; may be repeated
  --distribution-point-of URL  be a distribution point of that site, and nothing else
  --token-file FILE          its token (./reveille distribution-point token ID)
  --ask-seconds N            how often it asks the site what to have        (default 30)
  --log-level error|warn|info|debug                                         (default info)
  --config FILE              settings as "name: value" lines                (default reveille.yaml, where it exists)

REVEILLE_ADMIN_TOKEN presets the first administrator's API token; without it the first start prints a set-up code.
`
