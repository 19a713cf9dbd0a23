/* eslint-disable */
// Gives this project the command `yarn rw setup pooling` (also `yarn redwood …` and `yarn cedar …`).
// Written by `rw-pooling register`; `yarn rw setup pooling register --remove` takes it out again.
// Commit it together with the line in .yarnrc.yml: without this file no Yarn command works.

const fs = require('fs')
const path = require('path')

const PACKAGE = '@redwood-pooling/cli'
const BIN = 'rw-pooling'
const BINARIES = ['rw', 'redwood', 'cedar']

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** The folder that Yarn itself takes for the project: the nearest one upward with a lockfile. */
function projectRoot(cwd) {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, 'yarn.lock'))) return folder
    if (folder === path.dirname(folder)) return path.resolve(__dirname, '..', '..', '..')
  }
}

function installedBin(root) {
  const folder = path.join(root, 'node_modules', PACKAGE)
  const bin = readJson(path.join(folder, 'package.json'))?.bin?.[BIN]
  if (typeof bin !== 'string') return null
  const file = path.join(folder, bin)
  return fs.existsSync(file) ? file : null
}

function isDeclared(root) {
  const manifest = readJson(path.join(root, 'package.json'))
  return Boolean(manifest?.devDependencies?.[PACKAGE] ?? manifest?.dependencies?.[PACKAGE])
}

/** Whether the framework's own list of setup commands is what the user asked for. */
function asksForList(args) {
  return args.every((arg) => arg.startsWith('-')) && args.some((arg) => arg === '-h' || arg === '--help')
}

function listing(binary) {
  return `\nFrom ${PACKAGE}:\n  ${binary} setup pooling [provider]  Set up database connection pooling\n`
}

function createCommands(load) {
  const { Command, Option } = load('clipanion')
  const { execUtils } = load('@yarnpkg/core')
  const { npath } = load('@yarnpkg/fslib')

  class SetupPooling extends Command {
    static paths = BINARIES.map((binary) => [binary, 'setup', 'pooling'])
    args = Option.Proxy()

    async execute() {
      const root = projectRoot(npath.fromPortablePath(this.context.cwd))
      const bin = installedBin(root)
      if (bin !== null) {
        const { code } = await execUtils.pipevp(process.execPath, [bin, ...this.args], {
          cwd: this.context.cwd,
          env: { ...process.env, REDWOOD_POOLING_INVOCATION: `yarn ${this.path.join(' ')}` },
          stdin: this.context.stdin,
          stdout: this.context.stdout,
          stderr: this.context.stderr,
        })
        return code
      }
      const fix = isDeclared(root) ? 'yarn install' : `yarn add -D ${PACKAGE}`
      const sentence = `${PACKAGE} is not installed: run \`${fix}\` in ${root}, then this command again.`
      this.context.stderr.write(`${sentence}\n`)
      return 1
    }
  }

  // Once a Yarn command begins with `rw`, Yarn no longer looks for a script or binary of that name by itself,
  // so every other command is handed to `yarn run`, which is what Yarn does without this plugin.
  class PassThrough extends Command {
    static paths = BINARIES.map((binary) => [binary])
    args = Option.Proxy()

    async execute() {
      return this.cli.run(['run', ...this.path, ...this.args])
    }
  }

  class PassThroughSetup extends PassThrough {
    static paths = BINARIES.map((binary) => [binary, 'setup'])

    async execute() {
      const code = await super.execute()
      if (code === 0 && asksForList(this.args)) {
        this.context.stdout.write(listing(this.path[0]))
      }
      return code
    }
  }

  return [SetupPooling, PassThrough, PassThroughSetup]
}

module.exports = {
  name: '@redwood-pooling/plugin-setup-pooling',
  factory: (load) => {
    try {
      return { commands: createCommands(load) }
    } catch {
      // A Yarn whose plugins work differently loses this command and nothing else.
      return {}
    }
  },
}
