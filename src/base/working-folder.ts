import { EXIT } from './errors.ts'

// To be imported before what asks for the working folder as it is loaded.
try {
  process.cwd()
} catch {
  process.stderr.write(
    "Error: the working folder no longer exists. Go to the app's folder and run the command again.\n",
  )
  process.exit(EXIT.usage)
}
