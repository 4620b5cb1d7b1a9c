/** Task sequences as the source system writes them, and what becomes of what has no counterpart. */

import test from 'ava'
import { readSequence } from '../../../server/sequence/xml/read-sequence.ts'
import { parseXml } from '../../../server/http/parse-xml.ts'

function read(body: string, attributes = '') {
  const result = readSequence(
    parseXml(new TextEncoder().encode(`<sequence version="3.00"${attributes}>${body}</sequence>`)),
  )
  if (result.kind === 'read') return result
  throw new Error(JSON.stringify(result.faults))
}

test('a sequence of the source system is brought over, and what has no counterpart is listed', (t) => {
  const { sequence, notes, typeAgain } = read(
    `<globalVarList><variable name="Site" property="Site">Lab</variable><variable name="_Own">x</variable></globalVarList>
     <referenceList><reference package="ABC00012" /><reference package="ABC00099" program="*" /></referenceList>
     <group name="Install" description="" disable="false" continueOnError="true" expand="true" colour="red">
       <action />
       <condition><operator type="not">
         <expression type="SMS_TaskSequence_VariableConditionExpression">
           <variable name="Variable">_SMSTSInWinPE</variable><variable name="Operator">notEquals</variable><variable name="Value">true</variable>
         </expression></operator></condition>
       <step type="SMS_TaskSequence_ApplyOperatingSystemAction" name="Apply" description="" disable="false" runIn="WinPE" successCodeList="0" runFromNet="false" timeout="0">
         <action>OSDApplyOS.exe /image:ABC00012,%OSDImageIndex% /target:%OSDisk%</action>
         <defaultVarList>
           <variable name="ImagePackageID" property="ImagePackageID" hidden="true">ABC00012</variable>
           <variable name="OSDImageIndex" property="ImageIndex">2</variable>
           <variable name="DestinationVariable" property="DestinationVariable">OSDisk</variable>
           <variable name="OSDLayeredDriver" property="LayeredDriver">3</variable>
         </defaultVarList>
       </step>
       <step type="SMS_TaskSequence_RunCommandLineAction" name="Old" disable="false" startIn="C:\\Temp" successCodeList="0 3010 1641" timeout="900">
         <action>smsswd.exe /run:ABC00031 cmd /c "copy a b" </action>
         <defaultVarList><variable name="RunAsUser" property="RunAsUser">false</variable></defaultVarList>
       </step>
       <step type="BDD_Gather" name="Gather local data" description="Reads rules" disable="false" continueOnError="false">
         <defaultVarList><variable name="GatherLocalOnly" property="GatherLocalOnly">true</variable></defaultVarList>
         <action>cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"</action>
       </step>
       <marker />
     </group>`,
    ' name="Old one" description="From the lab"',
  )
  t.is(sequence.name, 'Old one')
  const [globals, group] = sequence.children
  t.like(globals, { kind: 'group', children: [{ action: { variable: 'Site', value: 'Lab' } }] })
  t.like(group, {
    kind: 'group',
    continueOnError: true,
    condition: { kind: 'none', conditions: [{ variable: '_SMSTSInWinPE', operator: 'not-equals', value: 'true' }] },
    children: [
      {
        action: {
          type: 'apply-operating-system-image',
          imageId: 'ABC00012',
          imageIndex: 2,
          destinationVariable: 'OSDisk',
        },
      },
      {
        timeoutSeconds: 900,
        action: {
          commandLine: 'cmd /c "copy a b" ',
          packageId: 'ABC00031',
          workingDirectory: 'C:\\Temp',
          successCodes: [0, 3010, 1641],
        },
      },
      {
        name: 'Gather local data',
        disabled: true,
        description: 'Was BDD_Gather. Reads rules',
        action: { type: 'run-command-line', commandLine: 'cscript.exe "%SCRIPTROOT%\\ZTIGather.wsf"' },
      },
    ],
  })
  t.deepEqual(
    notes.map(({ path, message }) => `${path}: ${message}`),
    [
      ': the variable _Own of the whole sequence cannot be set here',
      'children[0]: variables of the whole sequence are set by steps at its beginning',
      'children[1]: the attribute colour has no counterpart',
      'children[1].children[0].action: the property LayeredDriver ("3") has no counterpart',
      'children[1].children[2]: BDD_Gather has no counterpart: a disabled step stands in its place. It said: GatherLocalOnly=true',
      'children[1]: the element marker has no counterpart',
      ': ABC00099 is listed among the references, and no step here refers to it',
    ],
  )
  t.deepEqual(typeAgain, [])
})

test('S11-003: a password in a file is not taken, and is to be typed again', (t) => {
  const { sequence, typeAgain } = read(
    `<step type="SMS_TaskSequence_JoinDomainWorkgroupAction" name="Join"><defaultVarList>
       <variable name="OSDJoinType" property="Type">0</variable>
       <variable name="OSDJoinDomainName" property="DomainName">example.org</variable>
       <variable name="OSDJoinAccount" property="DomainUsername">EXAMPLE\\join</variable>
       <variable name="OSDJoinPassword" property="DomainPassword">89130000F0E1D2</variable>
     </defaultVarList></step>`,
  )
  t.like(sequence.children[0], { disabled: false, action: { account: 'EXAMPLE\\join', password: '' } })
  t.deepEqual(typeAgain, [{ path: 'children[0].action.password', stepName: 'Join' }])
})

test('a step whose settings are not possible here keeps its place, its name and its condition', (t) => {
  const { sequence, notes } = read(
    `<step type="SMS_TaskSequence_InstallApplicationAction" name="Apps"><defaultVarList>
       <variable name="ApplicationName" property="ApplicationName">ScopeId_1/Application_2</variable>
     </defaultVarList><condition><expression type="SMS_TaskSequence_Unheard"/></condition></step>`,
  )
  t.like(sequence.children[0], {
    name: 'Apps',
    disabled: true,
    action: { type: 'run-command-line', commandLine: 'exit 1' },
  })
  t.true(notes.some(({ message }) => message.includes('ScopeId_1/Application_2')))
  t.like(sequence.children[0]?.condition, { kind: 'variable', variable: '_SMSTSInWinPE' })
})

test('a list of systems is the queries that it stands for', (t) => {
  const { sequence } = read(
    `<group name="G"><condition><osConditionGroup type="or"><osExpressionGroup Name="All Windows 11">
       <expression type="SMS_TaskSequence_WMIConditionExpression">
         <variable name="Namespace">root\\cimv2</variable><variable name="Query">SELECT * FROM Win32_OperatingSystem</variable>
       </expression></osExpressionGroup></osConditionGroup></condition></group>`,
  )
  t.like(sequence.children[0]?.condition, { kind: 'any', conditions: [{ kind: 'wmi', namespace: 'root\\cimv2' }] })
})

test('another document is refused with what was expected', (t) => {
  const result = readSequence(parseXml(new TextEncoder().encode('<html/>')))
  t.is(result.kind, 'invalid')
})
