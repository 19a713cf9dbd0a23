/**
 * What becomes of the shadow database, which only `prisma migrate dev` uses and empties each time.
 *
 * `add` names a variable for an app that has none: one that is there stays, whatever it says. `remove` takes out the
 * setting that reads this variable and nothing else.
 */
export type ShadowTarget = { add: string } | { remove: string } | 'keep'
