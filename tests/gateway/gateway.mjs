/**
 * A real Wechaty gateway (PuppetServer, gRPC) whose WeChat is PuppetMock. Everything listens on 127.0.0.1.
 *
 *   node gateway.mjs [--port 0] [--token word] [--tls]
 *
 * `READY {"endpoint": "host:port", "control": "http://…"}` is printed when both are open. Users play through the control
 * port (JSON in and out):
 *
 *   POST /say     {from, room?, text? | name, base64, type, mention?} → {id}
 *   GET  /sent?after=N   what the bot sent, without the first N; answers when there is something
 *   POST /login | /logout | /scan {qrcode} | /error {data} | /rename {id, name}
 */
import http from 'node:http'
import net from 'node:net'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { FileBox } from 'file-box'
import { PuppetMock, mock } from 'wechaty-puppet-mock'
import { PuppetServer } from 'wechaty-puppet-service'
import * as PUPPET from 'wechaty-puppet'

const { values: given } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    token: { type: 'string', default: 'word' },
    tls: { type: 'boolean', default: false },
  },
})

const sent = []
const boxes = new Map() // message id → FileBox
let told = () => {} // wakes those who wait for something sent

const mocker = new mock.Mocker()
const last = () => [...mocker.cacheMessagePayload.values()].at(-1)

/** PuppetMock gives the same picture for every message and no ids for what it sends: as real puppets do instead. */
class Puppet extends PuppetMock {
  async messageFile (id) { return boxes.get(id) ?? super.messageFile(id) }
  async messageImage (id) { return this.messageFile(id) }
  async messageSendText (to, text) { return this.#send(to, text, { text }) }

  async messageSendFile (to, box) {
    const { name, mediaType, metadata } = box
    const base64 = await box.toBase64()
    return this.#send(to, FileBox.fromBase64(base64, name), { name, mediaType, metadata, base64 })
  }

  async #send (to, what, record) {
    await this._messageSend(to, what)
    sent.push({ to, ...record })
    told()
    return last().id
  }

  async roomMemberRawPayload (room, id) {
    return { ...await super.roomMemberRawPayload(room, id), roomAlias: id === 'kim' ? '老金' : '' }
  }
}

const { Individual, Official } = PUPPET.types.Contact
const bot = mocker.createContact({ id: 'bot', name: '小测' })
mocker.createContact({ id: 'lee', name: '小李', friend: true, type: Individual })
mocker.createContact({ id: 'kim', name: 'Kim', friend: true, type: Individual })
mocker.createContact({ id: 'gh_news', name: '新闻', type: Official })
mocker.createRoom({ id: 'tea@chatroom', topic: '茶', ownerId: 'lee', memberIdList: ['bot', 'lee', 'kim'], adminIdList: [] })

// What a mocker uses runs whenever its puppet starts, which the first client asks for.
mocker.use(({ puppet }) => { mocker.login(bot); puppet.emit('ready', { data: 'ready' }); return () => {} })
const puppet = new Puppet({ mocker })
puppet.on('error', () => {}) // an EventEmitter's error that nobody listens to would end the process

function say ({ from, room, text, name, base64, type, mention = [] }) {
  const box = base64 === undefined ? undefined : FileBox.fromBase64(base64, name)
  const speaker = mocker.ContactMock.load(from)
  speaker.say(box ?? text, mention.map(id => mocker.ContactMock.load(id))).to(room ? mocker.RoomMock.load(room) : bot)
  const payload = last() // the client has only been told its id yet
  if (box) {
    boxes.set(payload.id, box)
    Object.assign(payload, { filename: name, type: PUPPET.types.Message[type] })
  }
  return { id: payload.id }
}

async function sentAfter (count) {
  while (sent.length <= count) await new Promise(resolve => { const before = told; told = () => { before(); resolve() } })
  return sent.slice(count)
}

async function rename ({ id, name }) {
  mocker.cacheContactPayload.get(id).name = name
  await puppet.dirtyPayload(PUPPET.types.Payload.Contact, id)
  return {}
}

const routes = {
  'POST /say': say,
  'GET /sent': (_, query) => sentAfter(Number(query.get('after'))),
  'POST /login': () => { mocker.login(bot); return {} },
  'POST /logout': async () => { await puppet.logout('kicked'); return {} },
  'POST /scan': ({ qrcode }) => { mocker.scan(qrcode); return {} },
  'POST /error': ({ data }) => { puppet.emit('error', { data }); return {} },
  'POST /rename': rename,
}

const control = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost')
  const body = (await request.toArray()).join('')
  try {
    const answer = await routes[`${request.method} ${url.pathname}`](body ? JSON.parse(body) : {}, url.searchParams)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  } catch (error) {
    response.writeHead(500).end(String(error.stack))
  }
})

/** A port that is free now: PuppetServer does not tell which one it got. */
async function free () {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise(resolve => probe.close(resolve))
  return port
}

const endpoint = `127.0.0.1:${Number(given.port) || await free()}`
await new PuppetServer({ endpoint, puppet, token: given.token, tls: { disable: !given.tls } }).start()
await once(control.listen(0, '127.0.0.1'), 'listening')
console.log('READY ' + JSON.stringify({ endpoint, control: `http://127.0.0.1:${control.address().port}` }))
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0))
