export { checksum, type Envelope, open, refuseUnknown, seal } from './envelope.ts'
export { readBoolean, readLabels, readNumber, readNumbers, readString, readStrings } from './read.ts'
