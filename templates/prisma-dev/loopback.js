// prisma dev's HTTP interface, which works on the database without a password, would listen on every network interface.
import { Server } from 'node:http'

const { listen } = Server.prototype

Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' && typeof rest[0] !== 'string'
    ? listen.call(this, port, '127.0.0.1', ...rest)
    : listen.call(this, port, ...rest)
}
