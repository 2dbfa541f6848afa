// A shop whose customers ann and bob do one thing of each kind, reported by Segment's SDK.
// Usage: node shop.mjs HOST WRITE_KEY. Prints the messageId of every delivered event, one a line; fails if one is not delivered.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)

function open(settings) {
  const analytics = new Analytics({ host, writeKey, maxRetries: 10, ...settings })
  analytics.on('error', (error) => {
    console.error(error)
    process.exitCode = 1
  })
  return analytics
}

/** Reports one thing and waits until it is delivered. */
function deliver(analytics, call, fields) {
  return new Promise((resolve, reject) =>
    analytics[call](fields, (error, context) => {
      if (error) return reject(error)
      console.log(context.event.messageId)
      resolve()
    }))
}

function visit(userId) {
  const anonymousId = `visitor-${userId}`
  return [
    ['page', { anonymousId, name: 'Shoes', category: 'Catalogue', properties: { url: '/shoes' } }],
    ['identify', { userId, anonymousId, traits: { age: 42, 城市: '上海' } }],
    ['alias', { userId, previousId: anonymousId }],
    ['group', { userId, groupId: 'acme', traits: { industry: 'retail' } }],
    ['screen', { userId, name: 'Cart' }],
    ['track', { userId, event: 'Product Added', properties: { product_id: 'p1', price: '49.95' } }],
    ['track', {
      userId,
      event: 'Order Completed',
      timestamp: new Date(Date.now() - 60_000),
      properties: { order_id: `order-${userId}`, total: 99.9, currency: 'EUR', products: [{ product_id: 'p1', price: 49.95, quantity: 2 }] },
    }],
  ]
}

// Ann's shop sends each event by itself, Bob's sends them together.
const single = open({ flushAt: 1 })
for (const [call, fields] of visit('ann')) await deliver(single, call, fields)
await single.closeAndFlush()

const batched = open({ flushAt: 100, flushInterval: 200 })
await Promise.all(visit('bob').map(([call, fields]) => deliver(batched, call, fields)))
await batched.closeAndFlush()
