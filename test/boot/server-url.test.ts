/** The address in scripts: literal and configured (peers.md H03, I04; security B11). */

import test from 'ava'
import { parseServerUrl } from '../../server/boot/server-url.ts'

const reads = test.macro((t, text: string, expected: string | undefined) =>
  t.is(String(parseServerUrl(text)), String(expected)),
)

test('H03: a literal address with a port', reads, 'http://192.168.7.1:8080', 'http://192.168.7.1:8080')
test('H03: port 80 is not spelled', reads, 'http://192.168.7.1:80/', 'http://192.168.7.1')
test('H03: a host name is refused', reads, 'http://server.example:8080', undefined)
test('B11: a Host header with more in it is refused', reads, 'http://10.0.0.1 evil', undefined)
test('B11: a user name before the host is refused', reads, 'http://10.0.0.1@10.0.0.9', undefined)
test('B11: a line feed is refused', reads, 'http://10.0.0.1\n', undefined)
test('B07: an expansion is refused', reads, 'http://${net0/ip}', undefined)
test('https is refused, because the iPXE at hand has none', reads, 'https://10.0.0.1', undefined)
test('H03: a port beyond 65535 is refused', reads, 'http://10.0.0.1:65536', undefined)
test('H03: an address beyond 255 is refused', reads, 'http://10.0.0.256', undefined)
