// Stands in for @prisma/streams-local, which needs Node 22.15 (node:sqlite, zstd) and whose lock keeps a server that was
// killed from starting again for some seconds. It only feeds Prisma's query insights: here everything is accepted and
// nothing is kept.
import { createServer } from 'node:http'

export async function startLocalDurableStreamsServer({ hostname, port }) {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"currentVersion":0,"schemas":{}}')
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, hostname, resolve)
  })
  return {
    exports: { http: { url: `http://${hostname}:${server.address().port}` }, sqlite: { path: 'none' } },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}
