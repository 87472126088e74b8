/**
 * Who is timed. Every workload has `lanefit` and `plain`; `tuned` where plain loops can be bettered by hand; `reference`
 * where lanefit's time is to be compared with that of other work of lanefit's own. `read` and `peak` are the machine's
 * limits (see roofline/): reading the same bytes and nothing else, and as many multiplications and additions.
 */
export type ContenderName = 'lanefit' | 'plain' | 'tuned' | 'reference' | 'read' | 'peak'

/** One way to do the work. */
export interface Contender {
  readonly name: ContenderName
  /** One call, which is what is timed; it starts from the same state every time. */
  run(): void
  /** What the last call computed. */
  answer(): ArrayLike<number>
  /** Of a solver: how many steps the last call took. */
  steps?(): number
}

/** Work on the kernel, whoever it is in the comparison. */
export type OnKernel = Pick<Contender, 'run' | 'answer'>

/** Bytes at an address of kernel memory. */
export interface Block {
  readonly at: number
  readonly bytes: number
}

/** A workload with its data made. */
export interface Prepared {
  readonly contenders: readonly Contender[]
  /** How many pieces of work a call does, where one is too short to be called by itself; times are those of one piece. */
  readonly pieces?: number
  /** What a call of lanefit's has to read from kernel memory, each byte once. */
  readonly blocks?: readonly Block[]
  /** Throws AnswerError if the contender's last call computed something wrong. */
  check(contender: Contender): void
  /** Gives kernel memory back. */
  dispose(): void
}

/** One line of the table. */
export interface Workload {
  /** For instance 'gradient 100000x100'. */
  readonly name: string
  /** Floating-point operations of a call, where that says something. */
  readonly flops?: number
  /** What the reference does, and how many times its time lanefit may take at most. */
  readonly reference?: { readonly what: string; readonly most?: number }
  prepare(): Prepared
}
