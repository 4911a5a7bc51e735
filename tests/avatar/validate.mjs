// Prints what the Khronos validator says of a glTF file: `node validate.mjs file`, run from the page's folder.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { validateBytes } = createRequire(`${process.cwd()}/package.json`)('gltf-validator')
const { issues } = await validateBytes(new Uint8Array(readFileSync(process.argv[2])))
console.log(JSON.stringify({ errors: issues.numErrors, messages: issues.messages.filter((each) => each.severity === 0) }))
