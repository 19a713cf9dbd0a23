// Runs the test harness of an installed framework up to the command that pushes the schema, with every program recorded
// instead of run, and prints the environment that that command ends up with.
//   node harness.cjs <folder with node_modules> redwood|cedar-jest|cedar-vitest [--alone] [--load-env-files x]
const Module = require('node:module')
const { join } = require('node:path')

const [folder, which, ...flags] = process.argv.slice(2)
const scope = which === 'redwood' ? '@redwoodjs' : '@cedarjs'
const file = (path) => join(folder, 'node_modules', scope, path)
const calls = []

function record(program, args, options = {}) {
  calls.push({ program, args, env: { ...process.env, ...options.env } })
  return Object.assign(Promise.resolve({ exitCode: 0, stdout: '' }), { exitCode: 0, stdout: '' })
}
const execa = Object.assign(record, { sync: record, command: record, commandSync: record, default: record })
const load = Module._load
Module._load = (request, ...rest) => (/(^|\/)execa(\/index\.js)?$/.test(request) ? execa : load(request, ...rest))

const HANDLERS = {
  redwood: 'cli/dist/commands/testHandler.js',
  'cedar-jest': 'cli/dist/commands/test/testHandler.js',
  'cedar-vitest': 'cli/dist/commands/test/testHandlerEsm.js',
}

async function pushSchema() {
  if (which === 'cedar-vitest') {
    const { default: environment } = require(file('testing/dist/cjs/api/vitest/CedarApiVitestEnv.js'))
    return environment.setup()
  }
  const setup = require(file('testing/config/jest/api/globalSetup.js'))
  return (setup.default ?? setup)()
}

async function main() {
  const { loadEnvFiles } = Module.createRequire(join(folder, 'x.cjs'))(`${scope}/cli-helpers`)
  const alone = flags.includes('--alone')
  process.argv = [process.argv[0], 'rw', 'test', 'api', ...flags.filter((flag) => flag !== '--alone')]
  if (!alone) {
    loadEnvFiles()
    const { handler } = which === 'redwood' ? require(file(HANDLERS[which])) : await import(file(HANDLERS[which]))
    await handler({ filter: ['api'], watch: false, dbPush: true, force: true })
    process.env = calls.at(-1).env
  }
  process.env.NODE_ENV ??= 'test'
  await pushSchema()
  const { program, args, env } = calls.at(-1)
  process.env = env
  process.argv = [process.argv[0], 'rw', ...args]
  loadEnvFiles()
  process.stdout.write(`\n${JSON.stringify({ command: [program, ...args].join(' '), env: { ...process.env } })}`)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
