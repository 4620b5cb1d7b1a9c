/** Answer files of Windows: what the steps say in them, and what stays of one that was there. */

import { readFileSync, writeFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { withAnswers } from '../../bootstrap/answers.ts'
import { networkAnswers, windowsSettingsAnswers } from '../../bootstrap/windows-answers.ts'
import { parseXml, printXml, XmlFault } from '../../bootstrap/xml-tree.ts'
import { actionOf } from '../support/actions.ts'

function windows(members: Readonly<Record<string, unknown>>, text = ''): string {
  const action = actionOf({ type: 'apply-windows-settings', ...members })
  return withAnswers(text, windowsSettingsAnswers(action, { computerName: 'PC-1', randomPassword: 'random' }), 'x64')
}

function network(members: Readonly<Record<string, unknown>>): string {
  const action = actionOf({ type: 'apply-network-settings', ...members })
  const cards = [
    { name: 'net0', macAddress: '52:54:00:00:00:0a' },
    { name: 'net1', macAddress: '52:54:00:00:00:0b' },
  ]
  return withAnswers('', networkAnswers(action, cards), 'arm64')
}

/** Rewritten with UPDATE=1. */
function isFile(t: ExecutionContext, name: string, text: string): void {
  const place = new URL(`../fixtures/answers/${name}`, import.meta.url)
  if (process.env['UPDATE'] === '1') writeFileSync(place, text)
  t.is(text, readFileSync(place, 'utf8'))
}

test('S2-073: an answer file says name, owner, key, administrator, time zone and languages', (t) => {
  const text = windows({
    registeredUser: 'Ann & Bob',
    organization: 'Example',
    productKey: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
    randomAdminPassword: false,
    localAdminPassword: 'sword<fish',
    timeZone: 'W. Europe Standard Time',
    locale: 'de_DE.UTF-8',
    inputLocale: '0407:00000407',
    uiLanguage: 'en-US',
  })
  isFile(t, 'windows-settings.xml', text)
})

test('S2-073: without a password the administrator has one that nobody knows', (t) => {
  t.regex(windows({}), /<AdministratorPassword>\s*<Value>random<\/Value>/)
  t.notRegex(windows({}), /International/)
})

test('S2-072: an answer file says the cards, the name servers and the domain', (t) => {
  const text = network({
    joinType: 'domain',
    domainName: 'example.org',
    ouName: 'LDAP://OU=Computers,DC=example,DC=org',
    account: 'EXAMPLE\\join',
    password: 'swordfish',
    dnsDomain: 'example.org',
    dnsSuffixes: ['example.org', 'example.com'],
    adapters: [
      {
        addresses: ['10.0.0.2/24', '10.0.1.2/24'],
        gateways: ['10.0.0.1'],
        dnsServers: ['10.0.0.53', '10.0.0.54'],
        dnsDomain: 'lab.example.org',
        registerInDns: false,
        netbios: 'off',
        winsServers: ['10.0.0.9'],
      },
      {},
    ],
  })
  isFile(t, 'network-settings.xml', text)
})

test('S2-072: a workgroup', (t) => {
  t.regex(network({ workgroupName: 'LAB' }), /<Identification>\s*<JoinWorkgroup>LAB<\/JoinWorkgroup>/)
  t.notRegex(network({}), /component/)
})

test('S2-053: what an answer file said before stays, but for what the step says', (t) => {
  const before = `<?xml version="1.0"?>
<!-- Ours -->
<unattend xmlns="urn:schemas-microsoft-com:unattend" xmlns:cpi="urn:schemas-microsoft-com:cpi">
  <settings pass="specialize">
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="x86"><ComputerName>other</ComputerName></component>
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" language="neutral">
      <!-- the name --><ComputerName>*</ComputerName><CopyProfile>true</CopyProfile>
    </component>
  </settings>
  <cpi:offlineImage cpi:source="x&amp;y"/>
</unattend>`
  isFile(t, 'merged.xml', windows({ organization: 'Example' }, before))
})

test('an answer file that is said twice stays as it is', (t) => {
  const once = windows({ organization: 'Example' })
  t.is(windows({ organization: 'Example' }, once), once)
})

test('XML comes back as it was read', (t) => {
  const text = `<?xml version="1.0" encoding="utf-8"?>\n<a b="1 &#38; 2">\n  <c>x &#60; y</c>\n  <d />\n  <!-- e -->\n</a>\n`
  t.is(printXml(parseXml(text)), text)
})

const refuses = test.macro((t, text: string) => {
  t.throws(() => parseXml(text), { instanceOf: XmlFault })
})

test('a document type is refused', refuses, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
test('an unknown entity is refused', refuses, '<a>&b;</a>')
test('an element that is not closed is refused', refuses, '<a><b></a>')
test('an element that was never open is refused', refuses, '<a></a></b>')
test('two documents are refused', refuses, '<a/><b/>')
test('no document is refused', refuses, 'text')
test('a lonely bracket is refused', refuses, '<a><</a>')
