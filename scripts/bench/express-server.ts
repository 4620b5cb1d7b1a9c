/** Express serving files, as a site without a server of its own would: the peer of HTTP that runs on Node, too. */

import express from 'express'

const [port = '', files = ''] = process.argv.slice(2)
express().use('/boot/files', express.static(files)).listen(Number(port))
