// A subscriber to webhooks: it checks signatures, takes each change once and in order, and prints it.
//
//   npm install
//   WEBHOOK_SECRET=whsec_… node subscriber.mjs 3000
//
// The secret is what `tagging subscriptions add http://127.0.0.1:3000/` shows.
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

const webhook = new Webhook(process.env.WEBHOOK_SECRET)
const longestBody = 1_000_000

// By customer and kind (tag or segment): the number of the last change that was taken. A real subscriber keeps it in its
// database, in the same transaction as what it does with the change.
const taken = new Map()

function take(change) {
  if (change.type === 'tagging.test') {
    console.log('a test')
    return
  }
  const line = `${change.type.split('.')[0]} ${change.subject}`
  const last = taken.get(line) ?? change.sequence - 1 // the first that is seen may be any: the subscription need not begin at 1
  if (change.sequence <= last) return // delivered again
  const { key, value } = change.data
  console.log(`${change.subject} ${change.type} ${key} ${JSON.stringify(value ?? null)} ${change.sequence}`)
  taken.set(line, change.sequence)
}

async function bodyOf(request) {
  const parts = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > longestBody) throw new Error('the body is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const server = createServer(async (request, response) => {
  try {
    const body = await bodyOf(request) // the text as it came: a signature is of bytes
    const content = webhook.verify(body, request.headers) // throws if the signature is wrong or old
    for (const change of Array.isArray(content) ? content : [content]) take(change)
    response.writeHead(204).end() // only now: what is not answered with 2xx comes again
  } catch (error) {
    console.error(error.message)
    response.writeHead(400).end(error.message)
  }
})

server.listen(Number(process.argv[2] ?? 3000), '127.0.0.1', () => console.log(`listening on ${server.address().port}`))
