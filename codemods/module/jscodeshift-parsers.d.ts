declare module 'jscodeshift/parser/*.js' {
  const create: () => { parse(text: string): import('@babel/types').File }
  export default create
}
