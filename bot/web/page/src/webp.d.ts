declare module '*.webp?no-inline' {
  const address: string
  export default address
}
