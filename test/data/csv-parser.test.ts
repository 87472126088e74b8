import { dsvFormat } from 'd3-dsv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseError } from '../../src/core/errors.ts'
import { CsvParser } from '../../src/data/csv-parser.ts'
import { splitRows } from '../../src/data/split-rows.ts'

interface Options {
  delimiter?: string
  header?: boolean
  expected?: string[]
}

function parse(pieces: string | string[], { delimiter, header, expected = [] }: Options = {}) {
  const parser = new CsvParser({ delimiter, header, expected })
  const texts = [...[pieces].flat(), '']
  const batches = texts
    .map((text, i) => parser.push(text, i === texts.length - 1))
    .filter((batch) => batch !== undefined)
  const { columns, delimiter: used, header: named } = batches[0]!
  return {
    columns: [...columns],
    delimiter: used,
    header: named,
    rows: batches.flatMap((batch) => batch.rows),
    lines: batches.flatMap((batch) => batch.rows.map((_, i) => batch.line(i))),
    firstRows: batches.map((batch) => batch.firstRow),
  }
}

function failure(pieces: string | string[], options?: Options): ParseError {
  try {
    parse(pieces, options)
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError)
    return error as ParseError
  }
  throw new Error('expected a ParseError')
}

function cut(text: string, places: number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end))
}

/** Anything that can stand in a field, nasty things often. */
const anyField = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '1', ' ', '"', ',', ';', '\t', '|', '\n', '\r', 'é'), maxLength: 6 }),
  fc.double({ noNaN: true }).map(String),
)
const delimiters = fc.constantFrom(',', ';', '\t', '|', ':', 'x')
const lineBreaks = fc.constantFrom('\n', '\r\n', '\r')

/** A table, how to write it, and where the text is cut into pieces. */
const written = fc
  .tuple(fc.integer({ min: 1, max: 4 }), delimiters, lineBreaks, fc.boolean(), fc.array(fc.nat(500), { maxLength: 8 }))
  .chain(([width, delimiter, lineBreak, endsWithBreak, places]) =>
    fc
      .array(fc.array(anyField, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 })
      .map((rows) => {
        const quote = (field: string) =>
          /["\r\n\s]/.test(field) || field.includes(delimiter) || field === ''
            ? `"${field.replaceAll('"', '""')}"`
            : field
        const text =
          rows.map((row) => row.map(quote).join(delimiter)).join(lineBreak) + (endsWithBreak ? lineBreak : '')
        return { rows, delimiter, text, pieces: cut(text, places) }
      }),
  )

describe('rows come out as they went in', () => {
  test('whatever is in the fields, however it is written, wherever the text is cut', () => {
    fc.assert(
      fc.property(written, ({ rows, delimiter, pieces }) => {
        const kept = rows.filter((row) => row.length > 1 || row[0]!.trim() !== '')
        if (kept.length === 0) return
        expect(parse(pieces, { delimiter, header: false }).rows).toEqual(kept)
      }),
      { numRuns: 1000 },
    )
  })

  test('the split of text without quotes is d3-dsv', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '1', ',', '\n', '\r', '\r\n', ' '),
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(text, (some) => {
        expect(splitRows(some, ',')).toEqual(dsvFormat(',').parseRows(some))
      }),
      { numRuns: 1000 },
    )
  })

  test('rows know their line, over blank lines, line breaks in fields and pieces', () => {
    const text = '\n\na,"b\r\nb"\n1,2\n\n"3\n\n3",4\n  \n5,6\n'
    for (let piece = 1; piece <= text.length; piece++) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${piece}}`, 'g'))!
      const { columns, rows, lines } = parse(pieces)
      expect(columns).toEqual(['a', 'b\r\nb'])
      expect(rows).toEqual([
        ['1', '2'],
        ['3\n\n3', '4'],
        ['5', '6'],
      ])
      expect(lines).toEqual([5, 7, 11])
    }
  })

  test('spaces around names are no part of them', () => {
    expect(parse(' a , b \n1,2').columns).toEqual(['a', 'b'])
  })

  test('batches say which rows they have', () => {
    const row = `${'1,'.repeat(2000)}1\n`
    expect(parse([row.repeat(20), row.repeat(5), row.repeat(3)], { header: false }).firstRows).toEqual([0, 20, 25])
  })

  test('a quote inside a field is an ordinary character', () => {
    expect(parse('a,b\n5" pipe,x"y"\n').rows).toEqual([['5" pipe', 'x"y"']])
  })
})

describe('the delimiter is found', () => {
  test.each([
    [',', 'a,b,c\n1,2,3\n'],
    [';', 'a;b;c\n1,5;2,5;3,5\n'],
    ['\t', 'a\tb\n1\t2\n'],
    ['|', 'a|b\n1|2\n'],
    [';', 'name;text\n1;"a,b,c"\n2;d, e\n'],
    [',', '"x;y","z;w"\n1,2\n'],
    [',', 'only\n1\n2\n'],
    [',', 'a,b;c\n1,2\n'],
  ])('%j in %j', (delimiter, text) => {
    expect(parse(text).delimiter).toBe(delimiter)
  })

  test('although a row is ragged, so that the message is about that', () => {
    expect(failure('a,b\n1,2\n3\n').message).toMatch(/^line 3: expected 2 fields, got 1/)
  })

  test('in a first row that is longer than the sample', () => {
    const wide = Array.from({ length: 30_000 }, (_, i) => `c${i}`).join(';')
    const { delimiter, columns } = parse([wide.slice(0, 100_000), wide.slice(100_000), '\n', wide.replaceAll('c', '')])
    expect(delimiter).toBe(';')
    expect(columns).toHaveLength(30_000)
  })
})

describe('the header is found', () => {
  test.each([
    ['names', 'a,b\n1,2', true],
    ['numbers', '1,2\n3,4', false],
    ['a number among words', '5.1,setosa\n4.9,setosa', false],
    ['only words', 'x,y\nz,w', true],
  ])('%s', (_, text, header) => {
    expect(parse(text).header).toBe(header)
  })

  test('by a name that is expected, even among numbers', () => {
    const { header, columns } = parse('2019,2020,sold\n1,2,3', { expected: ['sold'] })
    expect([header, columns]).toEqual([true, ['2019', '2020', 'sold']])
  })

  test('as it is told', () => {
    expect(parse('a,b\nc,d', { header: false }).columns).toEqual(['x0', 'x1'])
    expect(parse('1,2\n3,4', { header: true }).columns).toEqual(['1', '2'])
  })

  test('a column without a name gets one', () => {
    expect(parse(',a,b\n0,1,2').columns).toEqual(['x0', 'a', 'b'])
  })
})

describe('what is no CSV', () => {
  test.each<[name: string, text: string, line: number, column: number | undefined, message: RegExp]>([
    ['a short row', 'a,b,c\n1,2,3\n4,5\n6,7,8\n', 3, 3, /^line 3: expected 3 fields, got 2\. /],
    ['a long row', 'a,b\n1,2\n3,4,5\n', 3, 3, /^line 3: expected 2 fields, got 3\. .*quotes/],
    ['a short last row', 'a,b\n1,2\n3', 3, 2, /^line 3: expected 2 fields, got 1/],
    ['a long first row', 'a\n1,2\n', 2, 2, /^line 2: expected 1 field, got 2/],
    ['a ragged row behind a field of several lines', 'a,b\n"1\n1",2\n3\n', 4, 2, /^line 4: /],
    ['a quote that is not closed', 'a,b\n1,"2\n3,4\n', 2, undefined, /^line 2: a quote opens here and never closes/],
    ['text behind a closing quote', 'a,b\n1,2\n"3"x,4\n', 3, undefined, /^line 3: .*Write a quote .* twice/],
    ['a name that occurs twice', 'a,b,a\n1,2,3\n', 1, 3, /^line 1: columns 1 and 3 are both called "a"/],
    ['nothing', '', 1, undefined, /^the data are empty/],
    ['blank lines', '\n \n\r\n', 1, undefined, /^the data are empty/],
    ['binary data', 'PK\u0003\u0004\0\0\n', 1, undefined, /binary data/],
  ])('%s', (_, text, line, column, message) => {
    for (const pieces of [[text], [...text]]) {
      const error = failure(pieces)
      expect(error.message).toMatch(message)
      expect([error.line, error.column]).toEqual([line, column])
    }
  })

  test('a row that never ends is given up', () => {
    const parser = new CsvParser({ delimiter: ',', header: undefined, expected: [] })
    const megabyte = `${'1,'.repeat(2 ** 19)}`
    parser.push('a,b\n')
    expect(() => {
      for (let i = 0; i < 40; i++) parser.push(megabyte)
    }).toThrow(/^line 2: the row never ends/)
  })
})
