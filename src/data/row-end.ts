const QUOTE = 34
const LINE_FEED = 10
const RETURN = 13

/** Where the complete rows of a text end, and what is wrong with its quotes. Positions; -1 where there is none. */
export interface RowEnd {
  /** Just behind the last line break that ends a row; 0 if there is none. */
  end: number
  /** A quote that opens a field and is not closed in this text. */
  open: number
  /** The first character that follows a closing quote although the field has ended there. */
  stray: number
}

/**
 * Finds where text that arrives in pieces can be cut: behind the last line break that is not inside a quoted field. A
 * quote opens a field only as its first character (RFC 4180); anywhere else it is an ordinary character.
 */
export function findRowEnd(text: string, delimiter: string): RowEnd {
  const separator = delimiter.charCodeAt(0)
  const endsField = (code: number) => code === separator || code === LINE_FEED || code === RETURN
  // Begin and end of each quoted field, one after the other.
  const quoted: number[] = []
  let open = -1
  for (let i = text.indexOf('"'); i >= 0; ) {
    if (i > 0 && !endsField(text.charCodeAt(i - 1))) {
      i = text.indexOf('"', i + 1)
      continue
    }
    const close = closingQuote(text, i)
    if (close < 0) {
      open = i
      break
    }
    if (close + 1 < text.length && !endsField(text.charCodeAt(close + 1))) {
      return { end: lineEndOutside(text, i, quoted), open: -1, stray: close + 1 }
    }
    quoted.push(i, close)
    i = text.indexOf('"', close + 1)
  }
  return { end: lineEndOutside(text, open < 0 ? text.length : open, quoted), open, stray: -1 }
}

/** The quote that closes the field opened at `open`; two quotes in a row stand for one. -1 if it is not there. */
function closingQuote(text: string, open: number): number {
  let i = text.indexOf('"', open + 1)
  while (i >= 0 && text.charCodeAt(i + 1) === QUOTE) i = text.indexOf('"', i + 2)
  return i
}

/** Just behind the last line break before `end` and outside the quoted spans. */
function lineEndOutside(text: string, end: number, quoted: number[]): number {
  let span = quoted.length - 2
  let at = lastLineBreak(text, end)
  while (span >= 0 && at < quoted[span + 1]!) {
    // Inside this span or before it.
    if (at > quoted[span]!) at = lastLineBreak(text, quoted[span]!)
    span -= 2
  }
  return at + 1
}

/** The last line break before `end`. A carriage return at the very end of the text may be half of one. */
function lastLineBreak(text: string, end: number): number {
  const lineFeed = end > 0 ? text.lastIndexOf('\n', end - 1) : -1
  if (lineFeed >= 0) return lineFeed
  const last = Math.min(end - 1, text.length - 2)
  return last >= 0 ? text.lastIndexOf('\r', last) : -1
}
