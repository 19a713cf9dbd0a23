/** Comment lines come without their `# `; they are written only above a line that is added. */
export interface Added {
  name: string
  comment?: readonly string[]
  /** The variable below whose assignment a new line goes; at the end of the file by default. */
  after?: string
}

export interface EnvSet extends Added {
  value: string
}

export interface EnvPlaceholder extends Added {
  example: string
  /** A commented-out value that is no longer right, such as a SQLite file's, and gives way to the example. Not together with `comment`. */
  outdated?: (value: string) => boolean
  /** Write it as an assignment, and into one that is empty or outdated. */
  active?: boolean
}

/** `when` limits it to assignments of such a value; by default all of the name's. */
export interface EnvComment {
  name: string
  /** Why, in one line; it goes above. */
  reason: string
  when?: (value: string) => boolean
}

/** `comment`: the comment lines that we may have written above, and that go with the assignment. */
export interface EnvRemove {
  name: string
  comment?: readonly string[]
  when?: (value: string) => boolean
}

export interface EnvTarget {
  set?: readonly EnvSet[]
  comment?: readonly EnvComment[]
  /** A commented-out line, unless the name has a value or such a line already. */
  placeholder?: readonly EnvPlaceholder[]
  remove?: readonly EnvRemove[]
}
