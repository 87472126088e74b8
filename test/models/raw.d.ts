/** Vite hands over the text of any file: in Node and in browsers, without node: modules. */
declare module '*?raw' {
  const text: string
  export default text
}
